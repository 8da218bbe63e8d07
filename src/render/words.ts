import { partsOf, type Address } from '../model/address.ts';
import { quoted, visible, visibleId } from './escape.ts';

/** A count with its noun: `1 member`, `5,000 members`. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** A whole number with a comma every three digits, whatever the machine's language. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** An object as people say it: `channel_type support`; the app's settings have no key. */
export function objectText(kind: string, key: string): string {
  if (isOnly(kind, key)) return visibleId(kind);
  // Keys that name several users hold commas, which mislead only within a list.
  return `${visibleId(kind)} ${/^[\w:.@-]+(,[\w.@-]+)*$/.test(key) ? visibleId(key) : nameText(key)}`;
}

/** An address as flags take it; quoted for a shell where a shell would read it differently. */
export function addressText(address: string): string {
  const { kind, key } = partsOf(address as Address);
  const text = isOnly(kind, key) ? kind : address;
  return /^[\w/.:@+-]+$/.test(text) ? text : `'${visibleId(text).replaceAll("'", `'\\''`)}'`;
}

/** An id, role or permission in a list: as it is, or quoted where it could be read as something else. */
export function nameText(name: string): string {
  return /^[!-~]+$/.test(name) && !/[,()"'\\{}[\]]|^::|##/.test(name) ? name : visibleId(quoted(name));
}

/** The key of a value: like a name, but letters of every script stay. */
export function keyText(key: string): string {
  return /^[\p{L}\p{N}_$-]+$/u.test(key) && visible(key) === key ? key : quoted(key);
}

/** A path as people write it: `grants.user`; names of the users' own data keep their script. */
export function pathLabel(path: readonly string[]): string {
  const own = path[0] === 'custom' ? 1 : path[2] === 'custom' ? 3 : path.length;
  return path
    .map((step, index) => (index >= own || /^[\w$-]+$/.test(step) ? keyText(step) : visibleId(quoted(step))))
    .join('.');
}

/** The singleton, whose key says nothing. Named here because a report carries no registry to ask. */
function isOnly(kind: string, key: string): boolean {
  return kind === 'app_settings' && key === 'app';
}
