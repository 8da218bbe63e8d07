import fc from 'fast-check';
import type { Change, FieldChange } from '../../src/model/change.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import type { PlanReport } from '../../src/model/report.ts';
import { at, create, keep, planOf, problem, remove, report, resource, update } from './fixtures.ts';
import { readableKeys } from '../support/keys.ts';
import { anyText } from './hostile.ts';

const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    anyText,
    fc.boolean(),
    fc.integer(),
    fc.constant(null),
    fc.array(tie('any'), { maxLength: 15 }),
    fc.dictionary(readableKeys(anyText), tie('any'), { maxKeys: 4 }),
  ),
})).any;

const path = fc.oneof(
  fc.array(anyText, { minLength: 1, maxLength: 3 }),
  anyText.map((key) => ['custom', key]),
);
const element = fc.record({ name: anyText, value }, { requiredKeys: ['name'] });
const field: fc.Arbitrary<FieldChange> = fc.oneof(
  fc.record({ op: fc.constant('add' as const), path, after: value }),
  fc.record({ op: fc.constant('remove' as const), path, before: value }),
  fc.record({ op: fc.constant('set' as const), path, before: value, after: value }),
  fc.record({
    op: fc.constant('elements' as const),
    path,
    added: fc.array(element, { maxLength: 15 }),
    removed: fc.array(element, { maxLength: 15 }),
    before: fc.nat(),
    after: fc.nat(),
  }),
);
const fields = fc.array(field, { maxLength: 4 });
const kindName = fc.constantFrom('app_settings', 'channel_type', 'user', 'channel');
const declaration = fc
  .tuple(kindName, anyText, anyText)
  .map(([kind, key, file]) => resource(kind, key, {}, at(file, 1)));
const uncompared = fc.array(path, { maxLength: 2 });
const change: fc.Arbitrary<Change> = fc.oneof(
  fc
    .tuple(declaration, fields, uncompared)
    .map(([of, some, blind]) => create(of, some, { uncompared: blind })),
  fc
    .tuple(declaration, fields, uncompared)
    .map(([of, some, blind]) => update(of, some, { uncompared: blind })),
  fc.tuple(declaration, uncompared).map(([of, blind]) => keep(of, { uncompared: blind })),
  fc
    .tuple(kindName, anyText, fc.constantFrom('delete', 'hard', 'reset', 'soft'), fields, anyText)
    .map(([kind, key, how, some, because]) => remove(kind, key, how, some, because)),
);
/** Any report of a plan or of an apply, hostile in every text that it holds. */
export const anyReport: fc.Arbitrary<PlanReport> = fc
  .tuple(
    fc.array(change, { maxLength: 6 }),
    anyText,
    anyText,
    fc.constantFrom('error', 'warning', 'note'),
    fc.boolean(),
  )
  .map(([changes, name, message, severity, applied]) => {
    const address = changes[0]?.address;
    const about = address === undefined ? {} : { address };
    const diagnostic = problem(message, message, { severity, help: message, ...about });
    const losses = changes.flatMap((one) => ({
      what: 'member',
      names: [message, name],
      change: one,
      approved: false,
    }));
    const outcomes = changes.map((one, index): Outcome =>
      index % 2 === 0
        ? { status: 'failed', change: one, diagnostic, done: [message] }
        : { status: 'skipped', change: one, because: message },
    );
    const plan = planOf(changes, { app: { id: 1, name }, diagnostics: [diagnostic], losses });
    return report(plan, applied ? { outcomes } : {});
  });
