import { anything, flag, integer, list, map, object, text, type Infer } from './schema.ts';

/**
 * A plan as a file: what was reviewed, as assertions about the live app and the manifests, and nothing that an apply
 * would obey. It holds no value and no secret, only fingerprints keyed with the API secret; the masked report beside
 * them is for people and programs to read.
 */

const fingerprint = text('Stands for a value: keyed with the API secret, so that nobody else can guess it.');

const savedField = object(
  {
    path: list(text('One step.'), 'Steps from the top of the object.'),
    op: text('As in a report.'),
    before: text('Stands for the live value.'),
    after: text('Stands for the value to be.'),
  },
  'One difference.',
  { required: ['path', 'op', 'before', 'after'] },
);

const savedChange = object(
  {
    address: text('The object.'),
    action: text('`create`, `update` or `delete`.'),
    how: text('How it goes, for `delete`.'),
    live: text('What the live object must still be: absent, or a fingerprint of what decides about it.'),
    fields: list(savedField, 'The differences.'),
    units: map(fingerprint, 'What Stream takes only whole, as it is live, by its path.'),
    sends: text('Stands for the values that are sent unseen.'),
  },
  'One change.',
  { required: ['address', 'action', 'live', 'fields', 'units', 'sends'] },
);

/** The published schema of a saved plan. */
export const savedPlanSchema = object(
  {
    format: text('`streambed-plan`.', { const: 'streambed-plan' }),
    format_version: text('`MAJOR.MINOR`.', { pattern: '^1\\.[0-9]+$' }),
    tool_version: text('Of the package that wrote it.'),
    app: object(
      { id: integer('As Stream numbers it.'), name: text('As the dashboard shows it.') },
      'The live app.',
      { required: ['name'] },
    ),
    environment: text('As the project file names it.'),
    emulator: flag('The app is a local stand-in.'),
    manifests: list(text('A path.'), 'What the manifests were named as.'),
    base: text('The commit that the branch was compared with.'),
    send_write_only: list(text('An address.'), 'Objects whose values are sent again unseen.'),
    reopen: list(text('An address.'), 'Restrictions that are meant to be opened.'),
    changes: list(savedChange, 'Everything that an apply would change.'),
    losses: map(integer('How many.'), 'What goes, by its word: the reviewed plan approves so many.'),
    report: anything('The masked plan, as `--format json` prints it.'),
    seal: text('Proves that whoever wrote this had the API secret, and that nothing was edited since.'),
  },
  'A saved Streambed plan.',
  {
    required: [
      'format',
      'format_version',
      'tool_version',
      'app',
      'emulator',
      'manifests',
      'send_write_only',
      'reopen',
      'changes',
      'losses',
      'report',
      'seal',
    ],
  },
);

type Whole<T> = { readonly [K in keyof T]-?: Exclude<T[K], undefined> };

/** One difference that was reviewed. */
export type SavedField = Whole<Infer<typeof savedField>>;

/** One change that was reviewed. */
export type SavedChange = Whole<Omit<Infer<typeof savedChange>, 'fields' | 'how'>> & {
  readonly how?: string;
  readonly fields: readonly SavedField[];
};

/** See the schema beside it. */
export type SavedPlan = Whole<
  Omit<Infer<typeof savedPlanSchema>, 'app' | 'base' | 'changes' | 'environment' | 'report'>
> & {
  readonly app: { readonly id?: number; readonly name: string };
  readonly base?: string;
  readonly environment?: string;
  readonly changes: readonly SavedChange[];
  readonly report: unknown;
};
