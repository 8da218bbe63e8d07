import type { Address } from '../model/address.ts';
import type { Diagnostic, Severity, SourceSpan } from '../model/diagnostic.ts';
import type { ManifestCode } from './codes.ts';

/** A problem at a place, with what to do about it. */
export function problem(
  code: ManifestCode,
  at: SourceSpan | undefined,
  message: string,
  help: string,
  severity: Severity = 'error',
): Diagnostic {
  return { severity, code, message, help, ...(at === undefined ? {} : { at }) };
}

/** Appends any number of items; spreading them into `push` would overflow the stack at some number. */
export function append<T>(to: T[], items: readonly T[]): void {
  for (const item of items) to.push(item);
}

/** The same problems, with the object that they are about where none is named yet. */
export function about(address: Address, diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.map((diagnostic) =>
    diagnostic.address === undefined ? { ...diagnostic, address } : diagnostic,
  );
}

/** In reading order, each problem once: what an anchor or a default gets wrong is not told again by all who use it. */
export function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const unique = new Map<string, Diagnostic>();
  for (const diagnostic of diagnostics) {
    const { at, code, message } = diagnostic;
    const key = `${code}\n${message}\n${at === undefined ? '' : `${at.file}\n${at.line}:${at.column}`}`;
    if (!unique.has(key)) unique.set(key, diagnostic);
  }
  return [...unique.values()].sort(compare);
}

/** Orders texts by code units, the same everywhere. */
export function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compare(a: Diagnostic, b: Diagnostic): number {
  return (
    byCodeUnits(a.at?.file ?? '', b.at?.file ?? '') ||
    (a.at?.line ?? 0) - (b.at?.line ?? 0) ||
    (a.at?.column ?? 0) - (b.at?.column ?? 0) ||
    byCodeUnits(a.code, b.code) ||
    byCodeUnits(a.message, b.message)
  );
}
