import fc from 'fast-check';
import { pathText } from '../../src/model/address.ts';
import type { Change, FieldChange } from '../../src/model/change.ts';
import { dangerRules, type DangerCode } from '../../src/model/danger.ts';
import type { ChangeOrigin, FieldOrigin, Origins } from '../../src/model/origin.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import type { Plan, PlannedDanger } from '../../src/model/plan.ts';
import type { PlanReport } from '../../src/model/report.ts';
import type { ReportContext } from '../../src/render/report.ts';
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
/** Several objects whose differences are the same. */
const alike: fc.Arbitrary<readonly Change[]> = fc
  .tuple(kindName, fc.uniqueArray(anyText, { minLength: 3, maxLength: 15 }), fields, uncompared)
  .map(([kind, keys, some, blind]) =>
    keys.map((key, index) => update(resource(kind, key, {}, at(key, index)), some, { uncompared: blind })),
  );

const origin = fc.constantFrom('before', 'branch', 'drift', 'pending');
const originOrMixed = fc.oneof(origin, fc.constant('mixed' as const));

interface Whose {
  readonly texts: readonly string[];
  readonly origins: readonly FieldOrigin['origin'][];
  readonly element: 'before' | 'branch' | 'drift' | 'pending';
  readonly flag: boolean;
}
const whose: fc.Arbitrary<Whose> = fc.record({
  texts: fc.array(anyText, { minLength: 3, maxLength: 3 }),
  origins: fc.array(originOrMixed, { minLength: 1, maxLength: 4 }),
  element: origin,
  flag: fc.boolean(),
});

function originsOf(changes: readonly Change[], { texts, origins, element: of, flag }: Whose): Origins {
  const [ref = '', commit = '', applied = ''] = texts;
  const pick = (index: number): FieldOrigin['origin'] => origins[index % origins.length] ?? 'branch';
  const originOf = (one: Change, index: number): ChangeOrigin => ({
    origin: pick(index),
    adopts: flag,
    fields: new Map(
      (one.action === 'keep' ? [] : one.fields).map((field, place) => [
        pathText(field.path),
        {
          origin: pick(index + place + 1),
          ...(field.op === 'elements'
            ? { elements: new Map([...field.added, ...field.removed].map(({ name }) => [name, of])) }
            : {}),
        },
      ]),
    ),
  });
  return {
    ...(flag ? { base: { ref, commit } } : {}),
    ...(texts[0] === texts[1] ? {} : { applied }),
    changes: new Map(changes.map((one, index) => [one.address, originOf(one, index)])),
    leaving: texts.flatMap((text, index) => [
      { address: `user/${text}`, path: index === 0 ? [] : [text], guards: flag, at: at(text, 1) },
    ]),
  };
}

const danger = fc.record({
  code: fc.constantFrom(...(Object.keys(dangerRules) as DangerCode[])),
  action: fc.constantFrom('allow', 'block', 'warn'),
  accepted: fc.option(anyText, { nil: undefined }),
  message: anyText,
  about: fc.nat({ max: 20 }),
});

/** Dangers of changes, and of an object that does not change where there is none of that number. */
function dangersOf(
  changes: readonly Change[],
  some: readonly (typeof danger extends fc.Arbitrary<infer D> ? D : never)[],
): readonly PlannedDanger[] {
  return some.map(({ code, action, accepted, message, about }) => {
    const of = changes[about];
    const address = of?.address ?? `channel_type/${message}`;
    const judged = accepted === undefined ? { action } : { action, accepted };
    return {
      code,
      address,
      path: [message],
      message,
      ...judged,
      ...(of === undefined ? {} : { change: of }),
    };
  });
}

const bounded = fc.record({ count: fc.nat(), more: fc.boolean() });
const reach = fc.record({ channels: bounded, members: bounded }, { requiredKeys: [] });
const around = fc.record(
  {
    environment: fc.record({
      name: anyText,
      production: fc.boolean(),
      foreignHosts: fc.constant<readonly string[]>([]),
    }),
    standIn: anyText,
    emulator: fc.boolean(),
    command: fc.constantFrom<ReportContext['command']>('apply', 'drift', 'plan'),
  },
  { requiredKeys: [] },
);

/** Any report of a plan, a drift or an apply, hostile in every text that it holds. */
export const anyReport: fc.Arbitrary<PlanReport> = fc
  .record({
    changes: fc
      .tuple(fc.array(change, { maxLength: 6 }), fc.oneof(fc.constant([]), alike))
      .map(([some, others]) => [...some, ...others]),
    name: anyText,
    message: anyText,
    severity: fc.constantFrom('error', 'warning', 'note'),
    applied: fc.boolean(),
    dangers: fc.array(danger, { maxLength: 6 }),
    reaches: fc.array(reach, { maxLength: 6 }),
    whose: fc.option(whose, { nil: undefined }),
    repeats: fc.boolean(),
    around,
  })
  .map(
    ({ changes, name, message, severity, applied, dangers, reaches, whose: of, repeats, around: more }) => {
      const address = changes[0]?.address;
      const about = address === undefined ? {} : { address };
      const diagnostic = problem(message, message, { severity, help: message, ...about });
      const repeated = changes.map((one, index) =>
        problem(name, `${one.address} ${message}`, {
          severity: 'note',
          address: one.address,
          at: at(name, index),
        }),
      );
      const losses = changes.slice(0, 6).flatMap((one) => ({
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
      const plan: Plan = planOf(changes, {
        app: { id: 1, name },
        diagnostics: [diagnostic, ...(repeats ? repeated : [])],
        losses,
        dangers: dangersOf(changes, dangers),
        reach: new Map(
          reaches.flatMap((one, index) =>
            changes[index] === undefined ? [] : [[changes[index].address, one]],
          ),
        ),
        ...(of === undefined ? {} : { origins: originsOf(changes, of) }),
      });
      const made = report(plan, { ...more, ...(applied ? { outcomes } : {}) });
      const rights = [{ role: name, kept: [message], gained: [name], lost: [message] }];
      return repeats ? { ...made, changes: made.changes.map((one) => ({ ...one, rights })) } : made;
    },
  );
