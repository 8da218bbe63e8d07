import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { Address } from '../model/address.ts';
import * as help from './help.ts';
import type { Format, Invocation } from './invocation.ts';

/** What a command line turned out to be. */
export type Parsed =
  | { readonly type: 'invocation'; readonly invocation: Invocation }
  | { readonly type: 'help'; readonly text: string }
  | { readonly type: 'usage'; readonly message: string; readonly hint: string };

/** Reads the words after the program's name. Pure: nothing is printed, and nothing is looked up. */
export function parseArguments(words: readonly string[], version: string, columns: number): Parsed {
  let invocation: Invocation | undefined;
  let text = '';
  const root = program(version, words, (asked) => {
    invocation = asked;
  });
  root.configureOutput({
    writeOut: (part) => {
      text += part;
    },
    writeErr: () => undefined,
    getOutHelpWidth: () => Math.min(columns, 110),
    getErrHelpWidth: () => Math.min(columns, 110),
  });
  const known = root.commands.find((command) => words.includes(command.name()));
  const hint = `see streambed ${known === undefined ? '' : `${known.name()} `}--help`;
  try {
    // Settings are inherited when a command is made, and these came later.
    for (const command of root.commands) command.copyInheritedSettings(root);
    root.parse(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { type: 'help', text };
    if (error.code === 'commander.help') return { type: 'usage', message: 'no command was given', hint };
    return { type: 'usage', message: oneLine(error.message), hint };
  }
  if (invocation === undefined) return { type: 'usage', message: 'no command was given', hint };
  return { type: 'invocation', invocation };
}

interface CommonOptions {
  readonly debug?: boolean;
  readonly color: boolean;
}

interface ReadingOptions extends CommonOptions {
  readonly format: Format;
}

interface TalkingOptions extends ReadingOptions {
  readonly target?: 'emulator';
  readonly app?: { readonly id?: number; readonly name?: string };
  readonly environment?: string;
  readonly base?: string;
  readonly reopen?: readonly Address[];
  readonly sendWriteOnly?: readonly Address[];
  readonly quota?: number;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
}

interface WritingOptions extends TalkingOptions {
  readonly yes?: boolean;
  readonly allowDestroy?: ReadonlyMap<string, number>;
  readonly journal?: string;
  readonly lock: boolean;
}

interface PlanOptions extends TalkingOptions {
  readonly detailedExitcode?: boolean;
  readonly out?: string;
  readonly live?: 'base';
}

interface CanOptions extends CommonOptions {
  readonly format: 'json' | 'terminal';
  readonly target?: 'emulator';
  readonly app?: { readonly id?: number; readonly name?: string };
}

interface CommentOptions extends CommonOptions {
  readonly pullRequest?: number;
  readonly author: string;
  readonly dryRun?: boolean;
}

interface EmulatorOptions extends CommonOptions {
  readonly port: number;
  readonly writeEnv?: string;
  readonly appId?: number;
  readonly appName?: string;
  readonly rateLimits: boolean;
  readonly latency: number;
  readonly propagation: number;
  readonly faults?: string;
  readonly folder?: string;
}

function program(version: string, words: readonly string[], ask: (invocation: Invocation) => void): Command {
  const root = new Command('streambed')
    .description(
      'Keeps the configuration of a Stream Chat app in git: manifests in, a plan, a converged app out.',
    )
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .addHelpText('after', help.programHelp);
  addCommon(root);

  const common = (options: CommonOptions): { debug: boolean; color: boolean } => {
    const above = root.opts<CommonOptions>();
    return { debug: options.debug === true || above.debug === true, color: options.color && above.color };
  };
  const talking = (paths: readonly string[], options: TalkingOptions) => ({
    ...common(options),
    paths,
    format: options.format,
    target: options.target ?? ('stream' as const),
    app: options.app,
    environment: options.environment,
    base: options.base,
    reopen: options.reopen ?? [],
    sendWriteOnly: options.sendWriteOnly ?? [],
    quota: options.quota,
    detail:
      options.verbose === true
        ? ('all' as const)
        : options.quiet === true
          ? ('none' as const)
          : ('normal' as const),
  });

  const writing = (paths: readonly string[], options: WritingOptions) => ({
    ...talking(paths, options),
    yes: options.yes ?? false,
    allowDestroy: options.allowDestroy ?? new Map<string, number>(),
    journal: options.journal,
    lock: options.lock,
  });

  addEnvironment(addReading(root.command('validate').summary('check manifests without any app')))
    .addHelpText('after', help.validateHelp)
    .action((paths: readonly string[], options: ReadingOptions & { readonly environment?: string }) => {
      const { format, environment } = options;
      ask({ command: 'validate', ...common(options), paths, format, environment });
    });

  addTalking(addReading(root.command('plan').summary('show what an apply would change')))
    .option('--detailed-exitcode', 'exit with 2 when there is something to change')
    .option('--out <FILE>', 'save the plan, for review and for: streambed apply FILE')
    .addOption(
      new Option(
        '--live <WHAT>',
        'base: compare with what the base revision declares, without any app or key',
      ).choices(['base']),
    )
    .addHelpText('after', help.planHelp)
    .action((paths: readonly string[], options: PlanOptions, command: Command) => {
      const { detailedExitcode = false, out, live } = options;
      if (live === 'base' && options.base === undefined)
        command.error('--live base needs --base: the revision that stands in for the app');
      if (live === 'base' && (out !== undefined || options.target !== undefined))
        command.error('--live base asks no app, so --out and --target mean nothing with it');
      ask({
        command: 'plan',
        ...talking(paths, options),
        detailedExitCode: detailedExitcode,
        out,
        live: live ?? 'app',
      });
    });

  addTalking(addReading(root.command('drift').summary('tell whether the app still is what was declared')))
    .addHelpText('after', help.driftHelp)
    .action((paths: readonly string[], options: TalkingOptions) => {
      ask({ command: 'drift', ...talking(paths, options) });
    });

  addWriting(addTalking(addReading(root.command('apply').summary('make the app what the manifests say'))))
    .option('--record', 'once all is applied, record the commit in git: refs/streambed/applied/APP_ID')
    .addHelpText('after', help.applyHelp)
    .action(
      (
        paths: readonly string[],
        options: WritingOptions & { readonly record?: boolean },
        command: Command,
      ) => {
        if (options.record === true && options.target !== undefined)
          command.error('--record is about the real app, and --target emulator is another');
        const { record = false } = options;
        ask({ command: 'apply', ...writing(paths, options), record });
      },
    );

  addWriting(
    addManner(
      addEnvironment(addApp(addFormat(root.command('rollback').summary('take back what an apply changed')))),
    ),
  )
    .argument('<journal>', 'the file in .streambed/applies that the apply named')
    .option('--dry-run', 'show the way back, and change nothing')
    .addHelpText('after', help.rollbackHelp)
    .action((file: string, options: WritingOptions & { readonly dryRun?: boolean }) => {
      const { dryRun = false } = options;
      ask({ command: 'rollback', ...writing([], options), file, dryRun });
    });

  addCommon(root.command('status').summary('tell what an apply did, from its journal'))
    .argument('<journal>', 'the file in .streambed/applies that the apply named')
    .addOption(
      new Option('--format <HOW>', 'for people, programs').choices(['terminal', 'json']).default('terminal'),
    )
    .addHelpText('after', help.statusHelp)
    .action((file: string, options: CommonOptions & { readonly format: 'json' | 'terminal' }) => {
      ask({ command: 'status', ...common(options), file, format: options.format });
    });

  addApp(addCommon(root.command('can').summary('tell whether a user may do something, and why')))
    .argument('<user>', 'the id of a user')
    .argument('<permission>', 'its id: create-message, delete-message-owner')
    .argument('[cid]', 'the channel, as TYPE:ID; nothing or .app for the whole app')
    .addOption(
      new Option('--format <HOW>', 'for people, programs').choices(['terminal', 'json']).default('terminal'),
    )
    .addHelpText('after', help.canHelp)
    .action((user: string, permission: string, cid: string | undefined, options: CanOptions) => {
      const { app, format, target = 'stream' as const } = options;
      ask({ command: 'can', ...common(options), user, permission, cid, format, target, app });
    });

  addCommon(root.command('comment').summary('keep a comment with the plan on a pull request'))
    .argument('<reports...>', 'what plan --format json printed, a file an environment; - for standard input')
    .requiredOption('--github', 'on GitHub, with GITHUB_TOKEN and GITHUB_REPOSITORY')
    .option('--pull-request <N>', 'its number, when the event of the job does not say', pullRequestNumber)
    .option('--author <LOGIN>', 'whose comments are its own', login, 'github-actions[bot]')
    .option('--dry-run', 'print the comments and send nothing')
    .addHelpText('after', help.commentHelp)
    .action((reports: readonly string[], options: CommentOptions) => {
      const { pullRequest, author, dryRun = false } = options;
      ask({ command: 'comment', ...common(options), reports, pullRequest, author, dryRun });
    });

  addCommon(root.command('emulator').summary('run a local stand-in for Stream'))
    .argument('[command...]', 'after --, a program to run against it')
    .option('--port <N>', 'listen on this port instead of a free one', wholeNumber(65_535), 0)
    .option('--write-env <PATH>', 'write the three variables to this file once it answers')
    .option('--no-rate-limits', 'answer without limits')
    .option('--latency <MS>', 'take this long for every answer', wholeNumber(600_000), 0)
    .option(
      '--propagation <MS>',
      'show written types, roles and commands only after this time',
      wholeNumber(600_000),
      0,
    )
    .option('--faults <FILE.json>', 'a JSON list of what goes wrong')
    .option('--app-id <N>', 'the id of a fresh app', wholeNumber(999_999_999))
    .option('--app-name <NAME>', 'the name of a fresh app')
    .option('--folder <PATH>', 'keep the app in this folder and go on from there')
    .addHelpText('after', help.emulatorHelp)
    .action((run: readonly string[], options: EmulatorOptions, command: Command) => {
      if (run.length > 0 && !words.includes('--'))
        command.error(`put -- before the command: -- ${run.join(' ')}`);
      ask({
        command: 'emulator',
        ...common(options),
        port: options.port,
        envFile: options.writeEnv,
        app: {
          ...(options.appId === undefined ? {} : { id: options.appId }),
          ...(options.appName === undefined ? {} : { name: options.appName }),
        },
        rateLimits: options.rateLimits,
        latencyMs: options.latency,
        propagationMs: options.propagation,
        faultsFile: options.faults,
        folder: options.folder,
        run,
      });
    });

  const schema = addCommon(root.command('schema').summary('print a JSON Schema')).addHelpText(
    'after',
    help.schemaHelp,
  );
  schema
    .addArgument(
      schema
        .createArgument('<which>', 'of manifests, of plans or of the project file')
        .choices(['manifest', 'plan', 'project']),
    )
    .action((which: 'manifest' | 'plan' | 'project', options: CommonOptions) => {
      ask({ command: 'schema', ...common(options), which });
    });

  return root;
}

function addCommon(command: Command): Command {
  return command
    .option('--debug', 'print one line for each request, and where a bug is')
    .option('--no-color', 'print without colour, as with NO_COLOR');
}

function addReading(command: Command): Command {
  return addFormat(command).argument('[paths...]', 'manifests, YAML or JSON; - for standard input');
}

function addFormat(command: Command): Command {
  return addCommon(command).addOption(
    new Option('--format <HOW>', 'for people, programs, a pull-request comment, GitHub Actions, a browser')
      .choices(['terminal', 'json', 'markdown', 'github', 'html'])
      .default('terminal'),
  );
}

function addWriting(command: Command): Command {
  return command
    .option('-y, --yes', 'apply without asking; needed where nobody can answer')
    .option(
      '--allow-destroy <KIND=N>',
      'approve up to N losses of this kind; repeatable',
      allowance,
      new Map(),
    )
    .option('--journal <DIR>', 'keep the journal here instead of in .streambed/applies')
    .option('--no-lock', 'keep no other apply out of the app');
}

function addEnvironment(command: Command): Command {
  return command.option('-e, --environment <NAME>', 'the environment of streambed.yaml that is meant');
}

function addApp(command: Command): Command {
  return command
    .option('--app <ID_OR_NAME>', 'refuse any other app', appGuard)
    .addOption(
      new Option('--target <WHERE>', 'emulator: a local stand-in, kept in .streambed/').choices(['emulator']),
    );
}

function addTalking(command: Command): Command {
  return addManner(addApp(addEnvironment(command)))
    .option('--base <REF>', 'a git revision: tells which changes this branch asks for', revision)
    .option('--reopen <ADDRESS>', 'open again what somebody closed in the live app; repeatable', address)
    .option('--send-write-only <ADDRESS>', 'send values again that cannot be compared; repeatable', address);
}

/** How fast, and how much is told. */
function addManner(command: Command): Command {
  return command
    .option(
      '--quota <PERCENT>',
      "use this much of Stream's limits, and leave the rest to the app; 80%",
      percent,
    )
    .addOption(
      new Option('-v, --verbose', "shorten nothing, and show what stays and Stream's defaults").conflicts(
        'quiet',
      ),
    )
    .option('-q, --quiet', 'print only the verdict and what is wrong');
}

function wholeNumber(most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value <= most)) throw new InvalidArgumentError(`It must be a whole number up to ${most}.`);
    return value;
  };
}

function percent(text: string): number {
  const value = /^(\d{1,3})%?$/.exec(text)?.[1];
  const share = Number(value ?? Number.NaN) / 100;
  if (!(share > 0 && share <= 1)) throw new InvalidArgumentError('It must be a percentage from 1 to 100.');
  return share;
}

function pullRequestNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new InvalidArgumentError('It must be the number of a pull request.');
  return Number(text);
}

function login(text: string): string {
  if (!/^[\w-]{1,100}(?:\[bot\])?$/.test(text)) throw new InvalidArgumentError('It must be a login.');
  return text;
}

function revision(text: string): string {
  if (text === '' || text.startsWith('-')) throw new InvalidArgumentError('It must be a git revision.');
  return text;
}

function appGuard(text: string): { readonly id?: number; readonly name?: string } {
  if (text === '') throw new InvalidArgumentError('It must be the id or the name of an app.');
  return /^\d{1,15}$/.test(text) ? { id: Number(text) } : { name: text };
}

function allowance(
  text: string,
  before: ReadonlyMap<string, number> = new Map(),
): ReadonlyMap<string, number> {
  const [, kind, count] = /^([a-z][a-z_]*)=(\d{1,9})$/.exec(text) ?? [];
  if (kind === undefined) throw new InvalidArgumentError('It must look like member=3.');
  if (before.has(kind)) throw new InvalidArgumentError(`${kind} is given twice.`);
  return new Map([...before, [kind, Number(count)]]);
}

function address(text: string, before: readonly Address[] = []): readonly Address[] {
  // Plans name the one object of this kind without its key; the registry is not loaded to read a command line.
  if (text === 'app_settings') return [...before, 'app_settings/app'];
  if (!/^[a-z][a-z_]*\/./.test(text))
    throw new InvalidArgumentError('It must look like channel_type/support.');
  return [...before, text as Address];
}

/** Commander's messages carry a label and may put a suggestion on a line of its own. */
function oneLine(message: string): string {
  return message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
}
