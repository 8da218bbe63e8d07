import {
  anything,
  flag,
  integer,
  list,
  object,
  text,
  word,
  type Infer,
  type JsonSchema,
  type Schema,
} from './schema.ts';

/**
 * The plan as everybody may see it: masked, complete, and the one thing that every format is made from. `--format
 * json` prints exactly this; its schema is published, minor versions only add, and a reader refuses an unknown major.
 */

/** An object in which every one of these fields is always there. */
function whole<P extends Readonly<Record<string, JsonSchema>>>(
  properties: P,
  description: string,
): Schema<{ readonly [K in keyof P]: Infer<P[K]> }> {
  return object(properties, description, { required: Object.keys(properties) }) as JsonSchema;
}

const source = whole(
  {
    file: text('The manifest, as the user named it; `-` for standard input.'),
    line: integer('Counted from 1.'),
    column: integer('Counted from 1, in UTF-16 units.'),
  },
  'The place in the manifests that asks for this.',
);

const diagnostic = object(
  {
    severity: word(['error', 'warning', 'note'], 'An error stops the run.'),
    code: text('Stable and documented.'),
    message: text('What is wrong, or worth knowing.'),
    help: text('What to do about it.'),
    address: text('The object that it is about.'),
    source,
  },
  'Something that the user should know.',
  { required: ['severity', 'code', 'message'] },
);

const origins = ['branch', 'before', 'pending', 'drift'] as const;

const originWords =
  '`branch`: this branch asks for it. `before`: it differs already. `pending`: merged and never applied. `drift`: the live app moved.';

const element = object(
  {
    name: text('The element.'),
    value: anything('Its content, when it is more than a name.'),
    origin: word(origins, `Whose it is, where that is known. ${originWords}`),
  },
  'One element of a set.',
  { required: ['name'] },
);

const field = object(
  {
    path: list(text('One step.'), 'Steps from the top of the object, as in the manifest.'),
    op: word(['add', 'remove', 'set', 'elements'], '`elements` is a change inside a set.'),
    before: anything('The live value, for `remove` and `set`; absent when sensitive.'),
    after: anything('The value to be, for `add` and `set`; absent when sensitive.'),
    added: list(element, 'Elements that come, for `elements`.'),
    removed: list(element, 'Elements that go, for `elements`: always all of them.'),
    before_size: integer('Size of the whole set before.'),
    after_size: integer('Size of the whole set after.'),
    sensitive: flag('The values are secret; fingerprints stand for them.'),
    before_fingerprint: text('Stands for a secret live value; keyed, so it means nothing outside this plan.'),
    after_fingerprint: text('Stands for a secret value to be.'),
    origin: word([...origins, 'mixed'], `Whose it is, where that is known. ${originWords}`),
    source,
  },
  'One difference inside an object.',
  { required: ['path', 'op'] },
);

const bounded = (description: string) =>
  whole(
    { count: integer('So many.'), more: flag('There may be more: counting stopped there.') },
    description,
  );

const change = object(
  {
    address: text('Kind and key: `channel_type/support`.'),
    kind: text('The kind: `channel_type`.'),
    key: text('What Stream knows the object by.'),
    action: word(['create', 'update', 'delete'], 'What will become of the object.'),
    how: word(['delete', 'hard', 'reset', 'soft'], 'How it goes, for `delete`; a built-in object is reset.'),
    because: text('The reason that `removed:` gives.'),
    source,
    fields: list(field, 'The differences; for `create` all that is declared, for `delete` all that goes.'),
    origin: word([...origins, 'mixed'], `Whose it is, where that is known. ${originWords}`),
    adopts: flag('The first touch: it exists in the live app, and was not declared before.'),
    reach: object(
      {
        channels: bounded('Channels that it touches.'),
        members: bounded('Members of these channels.'),
      },
      "How much of the end users' world it touches, where that is known.",
    ),
    rights: list(
      whole(
        {
          role: text('A role.'),
          kept: list(text('A permission.'), 'What the role holds before and after.'),
          gained: list(text('A permission.'), 'What it will hold.'),
          lost: list(text('A permission.'), 'What it will hold no longer.'),
        },
        'One role.',
      ),
      'Who may do what, for an object whose grants change: every role that holds something before or after.',
    ),
    stays: list(
      object(
        { path: list(text('One step.'), 'Steps from the top of the object.'), value: anything('As it is.') },
        'One field.',
        { required: ['path'] },
      ),
      'For `update`: the declared fields that are already as they should be.',
    ),
    defaults: list(
      object(
        {
          path: list(text('One step.'), 'Steps from the top of the object.'),
          value: anything('The default.'),
        },
        'One field.',
        { required: ['path'] },
      ),
      "For `create`: Stream's documented defaults of what is not declared.",
    ),
    unchanged: integer('How many declared fields are already as they should be.'),
    uncompared: list(
      text('A path.'),
      'Declared fields that Stream never tells, sent with every write to the object.',
    ),
  },
  'One object that will be different.',
  { required: ['address', 'kind', 'key', 'action', 'fields', 'unchanged', 'uncompared'] },
);

const loss = whole(
  {
    address: text('The object that loses something, or goes.'),
    what: text('What is lost: `member`, or a kind.'),
    names: list(text('A name.'), 'Which ones: always all of them.'),
    approved: flag('A merged `removed:` line or a flag approves it.'),
  },
  'Something of value that goes.',
);

const danger = object(
  {
    code: text('The rule: stable and documented.'),
    title: text('What the rule says, in general.'),
    address: text('The object that it is about.'),
    path: list(text('One step.'), 'The value that it is about; empty for the whole object.'),
    message: text('Who gains or loses what.'),
    action: word(['allow', 'warn', 'block'], 'What the policies say: `block` refuses an apply.'),
    accepted: text('Why it is accepted; an accepted danger does not block.'),
    source,
  },
  'What a change means, beyond its difference.',
  { required: ['code', 'title', 'address', 'path', 'message', 'action'] },
);

const leaving = object(
  {
    address: text('An object.'),
    path: list(text('One step.'), 'What is no longer declared of it; empty for the whole object.'),
    guards: flag('It protects the app.'),
  },
  'Something that is no longer declared: its live value stays.',
  { required: ['address', 'path', 'guards'] },
);

const cost = whole(
  {
    writes: integer('Requests that an apply sends to change the app.'),
    seconds: integer('How long they take under these limits, rounded up.'),
    operations: list(
      whole(
        {
          operation: text("Stream's name of the operation."),
          requests: integer('How many.'),
          per_minute: integer('How many Stream allows a server in a minute.'),
        },
        'One operation.',
      ),
      'By operation, in the order of their names.',
    ),
    limits: word(['app', 'defaults'], "Whose limits these are: the app's own, or Stream's defaults."),
  },
  'What an apply costs.',
);

const outcome = object(
  {
    address: text('The object.'),
    status: word(['applied', 'failed', 'skipped'], 'What became of it.'),
    because: text('Why it failed or was skipped.'),
    done: list(text('A step.'), 'For a failure: the writes to this object that Stream had done before.'),
  },
  'One object.',
  { required: ['address', 'status'] },
);

/** The published schema of a report. */
export const planReportSchema = object(
  {
    format_version: text('`MAJOR.MINOR`.', { pattern: '^1\\.[0-9]+$' }),
    tool: whole({ name: text('`streambed`.'), version: text('Of the package.') }, 'What wrote this.'),
    command: word(['plan', 'apply', 'validate', 'drift', 'rollback'], 'What was asked.'),
    outcome: word(
      ['no-changes', 'changes', 'invalid', 'blocked', 'error'],
      'The verdict. `invalid`: the manifests; `blocked`: refused for safety; `error`: anything else that stopped it.',
    ),
    emulator: flag('The app is a local stand-in.'),
    stand_in: text(
      'What stands in for the live app: the base revision of the manifests. Nothing real was read.',
    ),
    environment: whole(
      { name: text('As the project file names it.'), production: flag('It is marked as production.') },
      'The environment that was asked for.',
    ),
    compared_with: object(
      {
        base: text('The revision, as the user named it.'),
        commit: text('Its commit.'),
        applied: text('The commit that the last recorded apply left in the live app.'),
      },
      'What tells whose a change is.',
    ),
    app: object(
      { id: integer('As Stream numbers it.'), name: text('As the dashboard shows it.') },
      'The live app.',
    ),
    files: list(text('A file.'), 'The manifests that were read.'),
    summary: whole(
      {
        create: integer('Objects.'),
        update: integer('Objects.'),
        delete: integer('Objects.'),
        unchanged: integer('Objects.'),
        lose: integer('Things of value that go.'),
        uncompared: integer('Declared values that Stream never tells.'),
        dangerous: integer(
          'Dangers that policies do not allow and nobody accepted; losses only where a policy refuses them.',
        ),
      },
      'Counts.',
    ),
    changes: list(change, 'In reading order: losses first, then by kind and key.'),
    uncompared: list(
      whole({ address: text('An object.'), paths: list(text('A path.'), 'Its fields.') }, 'One object.'),
      'Every declared value that cannot be compared, on unchanged objects too.',
    ),
    losses: list(loss, 'Everything of value that goes.'),
    dangers: list(danger, 'What the changes mean: the worst first.'),
    leaving: list(leaving, 'What this branch no longer declares.'),
    cost,
    diagnostics: list(diagnostic, 'In the order of their places.'),
    outcomes: list(outcome, 'For `apply`: what became of each change.'),
    verified: word(['converged', 'differs', 'unknown'], 'For `apply`: what a second plan found.'),
    receipt: object(
      {
        writes: integer('Requests that changed the app, or may have.'),
        reads: integer(
          'Requests that read it, from the last look before the first write to the second plan.',
        ),
        journal: text('The file that says what was there before, and what became of every step.'),
        reproduction: text('The file for a bug report, when something is not as it was sent.'),
      },
      'For `apply`: what was sent.',
      { required: ['writes', 'reads'] },
    ),
  },
  'A Streambed plan.',
  {
    required: [
      'format_version',
      'tool',
      'command',
      'outcome',
      'emulator',
      'files',
      'summary',
      'changes',
      'uncompared',
      'losses',
      'dangers',
      'leaving',
      'diagnostics',
    ],
  },
);

type Required<T, K extends keyof T> = T & { readonly [P in K]-?: Exclude<T[P], undefined> };

type ReportElement = Required<Infer<typeof element>, 'name'>;
/** Something that the user should know, without the end of its place. */
export type ReportDiagnostic = Required<Infer<typeof diagnostic>, 'severity' | 'code' | 'message'>;
/** One masked difference inside an object. */
export type ReportField = Omit<Required<Infer<typeof field>, 'path' | 'op'>, 'added' | 'removed'> & {
  readonly added?: readonly ReportElement[];
  readonly removed?: readonly ReportElement[];
};
/** One object that will be different. */
export type ReportChange = Omit<
  Required<Infer<typeof change>, 'address' | 'kind' | 'key' | 'action' | 'unchanged' | 'uncompared'>,
  'defaults' | 'fields' | 'stays'
> & {
  readonly fields: readonly ReportField[];
  readonly stays?: readonly ReportValue[];
  readonly defaults?: readonly ReportValue[];
};
/** A value that no difference shows. */
export interface ReportValue {
  readonly path: readonly string[];
  readonly value?: unknown;
}
/** What a change means. */
export type ReportDanger = Required<
  Infer<typeof danger>,
  'code' | 'title' | 'address' | 'path' | 'message' | 'action'
>;
/** Something that is no longer declared. */
export type ReportLeaving = Required<Infer<typeof leaving>, 'address' | 'path' | 'guards'>;
/** Something of value that goes. */
export type ReportLoss = Infer<typeof loss>;
/** What an apply costs. */
export type ReportCost = Infer<typeof cost>;
/** What an apply sent, and where it is written down. */
export type ReportReceipt = Required<
  NonNullable<Infer<typeof planReportSchema>['receipt']>,
  'reads' | 'writes'
>;
/** What became of one change. */
export type ReportOutcome = Required<Infer<typeof outcome>, 'address' | 'status'>;

/** See the schema beside it. */
export type PlanReport = Omit<
  Required<
    Infer<typeof planReportSchema>,
    | 'format_version'
    | 'tool'
    | 'command'
    | 'outcome'
    | 'emulator'
    | 'files'
    | 'summary'
    | 'uncompared'
    | 'losses'
  >,
  'changes' | 'dangers' | 'diagnostics' | 'leaving' | 'outcomes' | 'receipt'
> & {
  readonly receipt?: ReportReceipt;
  readonly changes: readonly ReportChange[];
  readonly dangers: readonly ReportDanger[];
  readonly leaving: readonly ReportLeaving[];
  readonly diagnostics: readonly ReportDiagnostic[];
  readonly outcomes?: readonly ReportOutcome[];
};
