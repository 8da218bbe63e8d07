import type { Path } from '../model/address.ts';
import type { Change, Element, FieldChange } from '../model/change.ts';
import type { SourceSpan } from '../model/diagnostic.ts';
import type { FieldOrigin, Origin } from '../model/origin.ts';
import type { ReportField } from '../model/report.ts';
import { withoutUserinfo, type Mask } from './mask.ts';

/** One difference as everybody may see it, with the line that asks for it. */
export function reportedField(
  field: FieldChange,
  mask: Mask,
  change: Change,
  whose?: FieldOrigin,
): ReportField {
  const at = change.action === 'delete' ? undefined : change.resource?.locate(field.path);
  const head = {
    path: field.path.map(withoutUserinfo),
    op: field.op,
    ...(whose === undefined ? {} : { origin: whose.origin }),
  };
  const source = at === undefined ? {} : { source: placeOf(at) };
  if (field.op === 'elements') {
    const hidden = mask.hidesNames(field.path);
    const reported = (element: Element): ReportedElement =>
      reportedElement(element, field.path, hidden, mask, whose?.elements?.get(element.name));
    const added = field.added.map(reported);
    const removed = field.removed.map(reported);
    const secret = [...added, ...removed].some((element) => element.hidden);
    return {
      ...head,
      added: added.map(({ element }) => element),
      removed: removed.map(({ element }) => element),
      before_size: field.before,
      after_size: field.after,
      ...(secret ? { sensitive: true } : {}),
      ...source,
    };
  }
  const before = field.op === 'add' ? undefined : mask.value(field.path, field.before);
  const after = field.op === 'remove' ? undefined : mask.value(field.path, field.after);
  const fingerprints = before?.fingerprint !== undefined || after?.fingerprint !== undefined;
  return {
    ...head,
    ...(before === undefined || before.hidden === 'all' ? {} : { before: before.value }),
    ...(after === undefined || after.hidden === 'all' ? {} : { after: after.value }),
    ...(fingerprints ? { sensitive: true } : {}),
    ...(before?.fingerprint === undefined ? {} : { before_fingerprint: before.fingerprint }),
    ...(after?.fingerprint === undefined ? {} : { after_fingerprint: after.fingerprint }),
    ...source,
  };
}

interface ReportedElement {
  readonly element: Element & { readonly origin?: Origin };
  readonly hidden: boolean;
}

/** A secret name is `***` with its fingerprint as the value, so that different elements stay different. */
function reportedElement(
  { name, value }: Element,
  path: Path,
  hidden: boolean,
  mask: Mask,
  origin: Origin | undefined,
): ReportedElement {
  const whose = origin === undefined ? {} : { origin };
  if (hidden) {
    const fingerprint = mask.fingerprint([name, value]);
    return { element: { name: '***', value: { $fingerprint: fingerprint }, ...whose }, hidden };
  }
  const shown = withoutUserinfo(name);
  if (value === undefined) return { element: { name: shown, ...whose }, hidden: shown !== name };
  const masked = mask.value([...path, name], value);
  const content = masked.hidden === 'all' ? { $fingerprint: masked.fingerprint } : masked.value;
  return {
    element: { name: shown, value: content, ...whose },
    hidden: shown !== name || masked.hidden !== 'open',
  };
}

/** A place without its end: what people need to find it. */
export function placeOf({ file, line, column }: SourceSpan): { file: string; line: number; column: number } {
  return { file, line, column };
}
