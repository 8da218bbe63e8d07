import { partsOf, type Address } from '../model/address.ts';
import type { Change } from '../model/change.ts';
import type { Danger, DangerAction } from '../model/danger.ts';
import { placeText, type Diagnostic, type SourceSpan } from '../model/diagnostic.ts';
import { grouped } from '../model/grouped.ts';
import type { Environment } from '../model/kind.ts';
import type { Plan, PlannedDanger, PlannedLoss } from '../model/plan.ts';
import {
  matches,
  type Acceptance,
  type DangerPolicy,
  type LimitPolicy,
  type Policy,
  type Rules,
} from '../model/policy.ts';
import { lossDanger } from './dangers.ts';
import { someOf } from './losses.ts';

/** What the rules of a project make of a plan. */
export interface Judgement {
  readonly dangers: readonly PlannedDanger[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What is judged besides the plan. */
export interface JudgeOptions {
  /** Objects on which a `reopens-restriction` is accepted by the command line. */
  readonly reopen?: readonly Address[];
  /** True when only some objects are planned, so that nobody knows which acceptances are of no use. */
  readonly partial?: boolean;
}

/**
 * Holds what changes and what it means against the rules of a project and the acceptances in the manifests. The last
 * policy that matches a danger decides about it; without one it is a warning, except that in production what somebody
 * closed is not opened again. Every limit that is passed counts.
 */
export function judge(
  plan: Pick<Plan, 'changes' | 'losses' | 'manifest'>,
  dangers: readonly Danger[],
  rules: Rules,
  environment: Environment | undefined,
  options: JudgeOptions = {},
): Judgement {
  const byAddress = new Map(plan.changes.map((change) => [change.address, change]));
  const removals = approvals(plan.losses);
  const here = rules.policies.filter((policy) => holdsIn(policy, environment));
  const deciding = here.filter((policy) => 'danger' in policy);
  const diagnostics: Diagnostic[] = [];
  const judged = dangers.map((danger): PlannedDanger => {
    const change = byAddress.get(danger.address);
    const usual = actionWithout(danger, environment);
    const policy = deciding.findLast((one) => decides(one, danger) && !loosensAll(one, usual));
    const action = policy?.action ?? usual;
    const accepted =
      danger.code === 'rules-changed'
        ? undefined
        : (plan.manifest.accepted.find((one) => accepts(one, danger))?.because ??
          (danger.code === 'loss' ? removals.get(idOf(danger)) : undefined) ??
          (danger.code === 'reopens-restriction' && options.reopen?.includes(danger.address) === true
            ? '--reopen'
            : undefined));
    if (action === 'block' && accepted === undefined) diagnostics.push(blocked(danger, change, policy));
    return {
      ...danger,
      action,
      ...(change === undefined ? {} : { change }),
      ...(accepted === undefined ? {} : { accepted }),
    };
  });
  const limits = here.filter((policy) => 'limit' in policy);
  const unused = plan.manifest.accepted.filter((one) => !dangers.some((danger) => accepts(one, danger)));
  return {
    dangers: judged,
    diagnostics: [
      ...firstOfEach(diagnostics),
      ...limits.flatMap((limit) => passed(limit, plan)),
      ...violations(plan, rules),
      ...(options.partial === true ? [] : unused.map(unusedNote)),
    ],
  };
}

function firstOfEach(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...grouped(diagnostics, ({ message }) => message).values()].flatMap((same) => same.slice(0, 1));
}

function holdsIn({ environment: wanted }: Policy, environment: Environment | undefined): boolean {
  if (wanted === undefined) return true;
  if (environment === undefined) return false;
  return wanted === environment.name || (wanted === 'production' && environment.production);
}

function decides({ danger, kind }: DangerPolicy, { code, address }: Danger): boolean {
  return (danger === '*' || danger === code) && (kind === undefined || kind === partsOf(address).kind);
}

/** A policy for everything is no statement about what is blocked by itself: that has to be named. */
function loosensAll({ danger, action }: DangerPolicy, usual: DangerAction): boolean {
  return danger === '*' && usual === 'block' && action !== 'block';
}

function actionWithout({ code }: Danger, environment: Environment | undefined): DangerAction {
  return code === 'reopens-restriction' && environment?.production === true ? 'block' : 'warn';
}

function accepts({ danger, on }: Acceptance, { code, address }: Danger): boolean {
  return danger === code && code !== 'rules-changed' && matches(on, address);
}

/** The reasons of the `removed:` lines that approve losses; a danger that two losses share needs both to be approved. */
function approvals(losses: readonly PlannedLoss[]): ReadonlyMap<string, string> {
  const reasons = new Map<string, string>();
  for (const [id, same] of grouped(losses, (loss) => idOf(lossDanger(loss)))) {
    const change = same[0]?.change;
    if (change?.action === 'delete' && same.every(({ approved }) => approved))
      reasons.set(id, change.removal.because);
  }
  return reasons;
}

function idOf({ address, message }: Danger): string {
  return `${address}\n${message}`;
}

/** One error for each object and rule: the dangers themselves are told where they are. */
function blocked(danger: Danger, change: Change | undefined, policy: DangerPolicy | undefined): Diagnostic {
  const { code, address } = danger;
  const at = placeIn(change, danger);
  const rule = policy === undefined ? 'in production' : `by the policy at ${placeText(policy.at)}`;
  const line = `- { danger: ${code}, on: ${yamlText(address)}, because: WHY }`;
  const flag = code === 'reopens-restriction' ? `, or add --reopen ${address}` : '';
  return {
    severity: 'error',
    code: 'policy-blocked',
    message: `${code} on ${address} is blocked ${rule}`,
    help:
      code === 'rules-changed'
        ? 'No manifest can accept it: change that policy first, in a change of its own.'
        : `If it is meant, write under \`accepted:\` in a manifest: ${line}${flag}`,
    ...(at === undefined ? {} : { at }),
    address,
  };
}

function placeIn(change: Change | undefined, { path }: Danger): SourceSpan | undefined {
  return change?.action === 'delete' ? change.removal.at : change?.resource?.locate(path);
}

/** An address as it stands in a YAML map on one line. */
function yamlText(address: string): string {
  return /^[\w./:@~+=-]*[\w./]$/.test(address) ? address : JSON.stringify(address);
}

function passed(
  limit: LimitPolicy,
  { changes, losses, manifest }: Pick<Plan, 'changes' | 'losses' | 'manifest'>,
): readonly Diagnostic[] {
  const { what, moreThan, action, at } = limit;
  const ours = (word: string): boolean => what === undefined || what === word;
  const count =
    limit.limit === 'losses'
      ? losses.filter((loss) => ours(loss.what)).reduce((sum, { names }) => sum + names.length, 0)
      : changes.filter((change) => moves(change) && ours(change.kind)).length;
  const declared = manifest.resources.filter(({ kind }) => ours(kind)).length;
  const most = 'number' in moreThan ? moreThan.number : (declared * moreThan.percent) / 100;
  if (action === 'allow' || count <= most) return [];
  const verb = limit.limit === 'losses' ? 'lost' : 'changed';
  const noun = what ?? (limit.limit === 'losses' ? 'thing' : 'object');
  const bound =
    'number' in moreThan ? `${moreThan.number}` : `${moreThan.percent}% of the ${declared} that are declared`;
  return [
    {
      severity: action === 'block' ? 'error' : 'warning',
      code: action === 'block' ? 'policy-blocked' : 'policy-limit',
      message: `${count} ${noun}${count === 1 ? '' : 's'} would be ${verb}, more than ${bound}`,
      help: `${placeText(at)} says so: make the change in smaller parts, or raise the limit in a change of its own.`,
      at,
    },
  ];
}

/** What is new takes nothing away, and a first apply is all new. */
function moves({ action }: Change): boolean {
  return action === 'update' || action === 'delete';
}

/** What is protected is not lost, whoever approves it; one error an object. */
function violations(
  { changes, losses }: Pick<Plan, 'changes' | 'losses'>,
  { protect }: Rules,
): readonly Diagnostic[] {
  if (protect.length === 0) return [];
  const lost = grouped(losses, ({ change }) => change.address);
  return changes.flatMap((change): readonly Diagnostic[] => {
    const { address } = change;
    const gone = lost.get(address) ?? [];
    if (change.action !== 'delete' && gone.length === 0) return [];
    const pattern = protect.find((one) => matches(one.pattern, address));
    if (pattern === undefined) return [];
    const at = change.action === 'delete' ? change.removal.at : change.resource?.locate([], 'name');
    const what = gone.map((loss) => `${loss.names.length} × ${loss.what}: ${someOf(loss.names)}`).join('; ');
    const fate =
      change.action !== 'delete' ? `lose ${what}` : change.how === 'reset' ? 'be reset' : 'be deleted';
    return [
      {
        severity: 'error',
        code: 'protected',
        message: `${address} is protected, and would ${fate}`,
        help: `\`${pattern.pattern}\` at ${placeText(pattern.at)} protects it: keep it, or take that line away in a change of its own.`,
        ...(at === undefined ? {} : { at }),
        address,
      },
    ];
  });
}

function unusedNote({ danger, on, at }: Acceptance): Diagnostic {
  return {
    severity: 'note',
    code: 'unused-acceptance',
    message: `nothing in this plan is ${danger} on ${on}`,
    help: 'Delete this line.',
    at,
  };
}
