import { partsOf, pathText } from '../model/address.ts';
import type { Change, FieldChange } from '../model/change.ts';
import type { Registry } from '../model/kind.ts';
import type { JournalEntry, JournalHead, JournalObject } from '../model/journal.ts';
import type { Plan } from '../model/plan.ts';
import { maskFor, withoutUserinfo, type Mask } from './mask.ts';
import { scrubberFor } from './scrub.ts';

/** What the beginning of a journal says besides the plan. */
export interface JournalContext extends Pick<
  JournalHead,
  'emulator' | 'environment' | 'manifests' | 'rolls_back' | 'time' | 'tool_version'
> {
  fingerprint(text: string): string;
}

/** Everything that must be written down before the first write: the run, what was there, and what is to be sent. */
export function journalOf(
  plan: Plan,
  registry: Registry,
  { fingerprint, ...head }: JournalContext,
): readonly JournalEntry[] {
  const { id, name } = plan.app;
  const touched = plan.changes.filter(({ action }) => action !== 'keep');
  return [
    {
      type: 'apply',
      format: 'streambed-journal',
      format_version: '1.0',
      app: id === undefined ? { name } : { id, name },
      ...head,
    },
    ...touched.flatMap((change) => {
      const kind = registry.kinds.find((one) => one.name === change.kind);
      return objectOf(change, maskFor(kind?.schema, fingerprint));
    }),
    ...plan.steps.map(({ id: step, effect, covers }) => ({
      type: 'planned' as const,
      step,
      effect,
      covers,
    })),
    { type: 'ready' },
  ];
}

/** An entry that is appended while a run goes on, as it may be written down: Stream may repeat what it was sent. */
export function shownEntry(
  plan: Plan,
  registry: Registry,
  fingerprint: (text: string) => string,
): (entry: JournalEntry) => JournalEntry {
  const scrubbed = scrubberFor(plan.manifest.resources, registry);
  return (entry) => {
    if (entry.type === 'left') {
      const kind = registry.kinds.find(({ name }) => name === partsOf(entry.address).kind);
      return { ...entry, fields: openFields(entry.fields, maskFor(kind?.schema, fingerprint)).open };
    }
    if (!('because' in entry) || entry.because === undefined) return entry;
    return { ...entry, because: scrubbed(entry.because) };
  };
}

function objectOf(change: Change, mask: Mask): readonly JournalObject[] {
  if (change.action === 'keep') return [];
  const { address, kind, key, action } = change;
  const before = action === 'create' ? undefined : mask.value([], change.live).value;
  const { open, withheld } = openFields(change.fields, mask);
  const unseen = change.uncompared.map(pathText);
  return [
    {
      type: 'object',
      address,
      kind,
      key,
      action,
      ...(action === 'delete' ? { how: change.how } : {}),
      ...(before === undefined ? {} : { before }),
      // What goes with an object is all of it, which `before` holds.
      fields: action === 'delete' ? [] : open,
      withheld: [...withheld, ...unseen].toSorted(),
    },
  ];
}

/** The differences that may be written down as they are, and the paths of those that may not. */
function openFields(
  fields: readonly FieldChange[],
  mask: Mask,
): { readonly open: readonly FieldChange[]; readonly withheld: readonly string[] } {
  const open = fields.filter((field) => isOpen(field, mask));
  const withheld = fields.filter((field) => !open.includes(field)).map(({ path }) => pathText(path));
  return { open, withheld: withheld.map(withoutUserinfo) };
}

function isOpen(field: FieldChange, mask: Mask): boolean {
  const { path } = field;
  const isShown = (at: readonly string[], value: unknown): boolean => mask.value(at, value).hidden === 'open';
  if (path.some((step) => withoutUserinfo(step) !== step)) return false;
  if (field.op === 'elements') {
    if (mask.hidesNames(path)) return false;
    return [...field.added, ...field.removed].every(
      ({ name, value }) => withoutUserinfo(name) === name && isShown([...path, name], value),
    );
  }
  return (
    (field.op === 'add' || isShown(path, field.before)) &&
    (field.op === 'remove' || isShown(path, field.after))
  );
}
