import { addressOf, type Path } from '../../src/model/address.ts';
import type { Change, Create, Delete, Element, FieldChange, Keep, Update } from '../../src/model/change.ts';
import type { Diagnostic, SourceSpan } from '../../src/model/diagnostic.ts';
import type { Kind, Registry } from '../../src/model/kind.ts';
import type { Plan, PlannedDanger, PlannedLoss } from '../../src/model/plan.ts';
import type { PlanReport } from '../../src/model/report.ts';
import type { Resource } from '../../src/model/resource.ts';
import {
  anything,
  flag,
  map,
  object,
  sensitive,
  setOf,
  text,
  writeOnly,
  type JsonSchema,
} from '../../src/model/schema.ts';
import type { Step } from '../../src/model/step.ts';
import type { OperationName } from '../../src/model/stream.ts';
import { reportOf, type ReportContext } from '../../src/render/report.ts';

const names = setOf(text('A name.'), 'Names.');

/** The kinds of these tests, in the order of the registry; none of them is ever asked to read or to write. */
export const registry: Registry = {
  kinds: [
    kind(
      'app_settings',
      object(
        {
          webhook_secret: sensitive(text('A secret.')),
          reminders_max_members: writeOnly(text('A number.')),
          datadog_info: object({ api_key: sensitive(text('A key.')), site: text('A site.') }, 'Datadog.'),
          hooks: map(
            object({ url: text('A URL.'), keys: setOf(sensitive(text('A key.')), 'Keys.') }, 'A hook.'),
            'Hooks.',
          ),
          push: { patternProperties: { '^p': { $ref: '#/$defs/secret' } } },
          either: { oneOf: [text('Open.'), sensitive(text('Secret.'))] },
          image_upload_config: object({ allowed_file_extensions: names }, 'Images.'),
        },
        'Settings.',
        { $defs: { secret: sensitive(text('A secret.')) } },
      ),
    ),
    kind('channel_type', object({ reactions: flag('R.'), grants: map(names, 'Grants.') }, 'A type.')),
    kind('user', object({ name: text('A name.'), custom: map(anything('Any.'), 'Custom.') }, 'A user.')),
    kind(
      'channel',
      object(
        { name: text('A name.'), custom: map(anything('Any.'), 'Custom.'), members: names },
        'A channel.',
      ),
    ),
  ],
  catalogues: [],
  planned: [],
};

/** A fingerprint that tells nothing and differs when the text does. */
export function fingerprint(secret: string): string {
  let hash = 7;
  for (const character of secret) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 0xffff;
  return hash.toString(16).padStart(4, '0');
}

export function at(file: string, line: number, column = 1): SourceSpan {
  return { file, line, column, endLine: line, endColumn: column + 1 };
}

/** A declaration at a line; its values stand on the same one. */
export function resource(
  kindName: string,
  key: string,
  declared: unknown,
  place = at('chat.yaml', 1),
): Resource {
  return {
    address: addressOf(kindName, key),
    kind: kindName,
    key,
    declared,
    lifecycle: { ignore_changes: [], prevent_destroy: false, create_only: false },
    locate: () => place,
  };
}

type More = { readonly uncompared?: readonly Path[] };

export function create(
  of: Resource,
  fields: readonly FieldChange[],
  more: More = {},
): Create<unknown, unknown> {
  return { ...common(of, more), action: 'create', desired: {}, fields };
}

export function update(
  of: Resource,
  fields: readonly FieldChange[],
  more: More = {},
): Update<unknown, unknown> {
  return { ...common(of, more), action: 'update', desired: {}, live: {}, raw: {}, fields };
}

export function keep(of: Resource, more: More = {}): Keep<unknown> {
  return { ...common(of, more), action: 'keep' };
}

export function remove(
  kindName: string,
  key: string,
  how: Delete<unknown, unknown>['how'],
  fields: readonly FieldChange[],
  because = 'RFC 212',
): Delete<unknown, unknown> {
  const address = addressOf(kindName, key);
  const mode = how === 'hard' ? 'hard' : 'soft';
  const removal = { address, kind: kindName, key, mode, because, at: at('removed.yaml', 3) } as const;
  return {
    address,
    kind: kindName,
    key,
    action: 'delete',
    removal,
    live: {},
    raw: {},
    how,
    fields,
    uncompared: [],
  };
}

export const set = (path: string, before: unknown, after: unknown): FieldChange => ({
  op: 'set',
  path: path.split('.'),
  before,
  after,
});

export const add = (path: string, after: unknown): FieldChange => ({
  op: 'add',
  path: path.split('.'),
  after,
});

export const drop = (path: string, before: unknown): FieldChange => ({
  op: 'remove',
  path: path.split('.'),
  before,
});

/** A change inside a set that had this many elements. */
export function elements(
  path: string,
  before: number,
  added: readonly (Element | string)[],
  removed: readonly (Element | string)[] = [],
): FieldChange {
  const element = (one: Element | string): Element => (typeof one === 'string' ? { name: one } : one);
  return {
    op: 'elements',
    path: path.split('.'),
    added: added.map(element),
    removed: removed.map(element),
    before,
    after: before + added.length - removed.length,
  };
}

/** A danger of this change, which policies want to be looked at unless told otherwise. */
export function danger(
  code: PlannedDanger['code'],
  change: Change,
  message: string,
  more: Partial<PlannedDanger> = {},
): PlannedDanger {
  return { code, address: change.address, path: [], message, action: 'warn', change, ...more };
}

export function step(requests: readonly OperationName[]): Step {
  return {
    id: requests.join(),
    kind: 'channel_type',
    effect: 'update',
    requests,
    covers: [],
    after: [],
    repeat: 'safe',
    send: () => Promise.resolve(),
  };
}

/** A plan of these changes; deletions count as approved losses, as in the engine. */
export function planOf(changes: Plan['changes'], more: Partial<Plan> = {}): Plan {
  const deletions = changes.filter((change) => change.action === 'delete');
  return {
    app: { id: 1699146, name: 'Acme Chat' },
    manifest: { guard: {}, resources: [], removals: [], accepted: [], files: ['app.yaml', 'chat.yaml'] },
    world: {
      answer: () => undefined,
      read: () => undefined,
      declared: () => undefined,
      app: { id: 1699146, name: 'Acme Chat' },
    },
    changes,
    steps: [],
    needs: new Map(),
    dangers: [],
    reach: new Map(),
    limits: new Map(),
    estimate: { seconds: more.steps === undefined ? 0 : 1 },
    diagnostics: [],
    reads: 3,
    ...more,
    losses: [
      ...deletions.map((change): PlannedLoss => ({
        what: change.kind,
        names: [change.key],
        change,
        approved: true,
      })),
      ...(more.losses ?? []),
    ],
  };
}

export function report(plan: Plan, more: Partial<ReportContext> = {}): PlanReport {
  return reportOf(plan, {
    registry,
    version: '0.1.0',
    command: 'plan',
    emulator: false,
    blocked: [],
    fingerprint,
    ...more,
  });
}

export function problem(code: string, message: string, more: Partial<Diagnostic> = {}): Diagnostic {
  return { severity: 'error', code, message, ...more };
}

function common(of: Resource, { uncompared = [] }: More) {
  return { address: of.address, kind: of.kind, key: of.key, resource: of, uncompared };
}

function kind(name: string, schema: JsonSchema): Kind {
  return { name, schema } as unknown as Kind;
}
