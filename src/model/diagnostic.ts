import type { Address } from './address.ts';

/** A place in a manifest: lines and columns count from 1, columns in UTF-16 units; the end is exclusive. */
export interface SourceSpan {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** A place as people and editors write it: `types/support.yaml:12:3`. */
export function placeText({ file, line, column }: SourceSpan): string {
  return `${file}:${line}:${column}`;
}

/** An error makes the manifests invalid or stops the run, a warning asks for a look, a note only informs. */
export type Severity = 'error' | 'warning' | 'note';

/** Something that the user should know, as a value: what is wrong, where, and what to do about it. */
export interface Diagnostic {
  readonly severity: Severity;
  /** Stable and documented, so that scripts can match it: `unknown-field`. */
  readonly code: string;
  readonly message: string;
  /** The next thing to do, as an imperative. */
  readonly help?: string;
  readonly at?: SourceSpan;
  readonly address?: Address;
}

/** As much of the value as could be made, and everything that was wrong: what every stage returns. */
export interface Result<T> {
  readonly value: T;
  readonly diagnostics: readonly Diagnostic[];
}

/** True when at least one of these stops the run. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === 'error');
}
