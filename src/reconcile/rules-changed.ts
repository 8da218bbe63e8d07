import type { Danger } from '../model/danger.ts';
import { grouped } from '../model/grouped.ts';
import { noRules, type Expectation, type Policy } from '../model/policy.ts';
import type { Project, ProjectEnvironment } from '../model/project.ts';
import type { AppGuard } from '../model/resource.ts';

/**
 * What a branch changes in the rules that it would be judged by: one danger for each thing, what becomes looser first.
 * The file as it is in the base revision judges the branch, and the new one only what comes after it.
 */
export function rulesChanged(base: Project | undefined, head: Project | undefined): readonly Danger[] {
  if (base === undefined && head === undefined) return [];
  if (base === undefined) return [dangerOf({ loosens: false, path: [], message: 'streambed.yaml is new' })];
  const gone: readonly Difference[] =
    head === undefined ? [{ loosens: true, path: [], message: 'streambed.yaml is deleted' }] : [];
  const after = head ?? nothing;
  const found = [
    ...gone,
    ...policyDifferences(base.rules.policies, after.rules.policies),
    ...listDifferences(
      ['protect'],
      base.rules.protect.map(({ pattern }) => pattern),
      after.rules.protect.map(({ pattern }) => pattern),
      {
        gone: (names) => `${names} ${names.includes(', ') ? 'are' : 'is'} no longer protected`,
        come: (names) => `${names} will be protected`,
      },
    ),
    ...expectationDifferences(base.expectations, after.expectations),
    ...manifestDifferences(['manifests'], 'the project', base.manifests, after.manifests),
    ...environmentDifferences(base.environments, after.environments),
  ];
  return [...found.filter(({ loosens }) => loosens), ...found.filter(({ loosens }) => !loosens)].map(
    dangerOf,
  );
}

interface Difference {
  /** True when something may happen afterwards that may not happen now. */
  readonly loosens: boolean;
  readonly path: readonly string[];
  readonly message: string;
}

const nothing: Pick<Project, 'environments' | 'expectations' | 'manifests' | 'rules'> = {
  manifests: [],
  environments: [],
  rules: noRules,
  expectations: [],
};

function dangerOf({ path, message }: Difference): Danger {
  return {
    code: 'rules-changed',
    address: 'project/streambed.yaml',
    path,
    message: `${message}; until that is merged, the rules of the base revision judge`,
  };
}

/** Policies that are about the same thing are one that changes; all others come or go. */
function policyDifferences(before: readonly Policy[], after: readonly Policy[]): readonly Difference[] {
  const path = ['policies'];
  const left = [...after];
  const take = (same: (policy: Policy) => boolean): Policy | undefined => {
    const index = left.findIndex(same);
    return index === -1 ? undefined : left.splice(index, 1)[0];
  };
  const kept: string[] = [];
  const changed = before.filter((policy) => {
    const text = policyText(policy);
    if (take((other) => policyText(other) === text) === undefined) return true;
    kept.push(text);
    return false;
  });
  const differences = changed.map((policy): Difference => {
    const subject = subjectText(policy);
    const now = take((other) => subjectText(other) === subject);
    if (now === undefined)
      return { loosens: true, path, message: `the policy ${policyText(policy)} is removed` };
    const message = `the policy ${policyText(policy)} becomes ${policyText(now)}`;
    return { loosens: isLooser(policy, now), path, message };
  });
  const added = left.map((policy): Difference => {
    // The last policy that matches decides, so a mild one may lift a block before it.
    const loosens = 'danger' in policy && policy.action !== 'block';
    return { loosens, path, message: `the policy ${policyText(policy)} is added` };
  });
  const order = reordered(before, after, kept)
    ? [{ loosens: true, path, message: 'policies change places, and the last one that matches decides' }]
    : [];
  return [...differences, ...order, ...added];
}

/** True when what stays does not stay in its order. */
function reordered(before: readonly Policy[], after: readonly Policy[], kept: readonly string[]): boolean {
  const stays = new Set(kept);
  const orderOf = (policies: readonly Policy[]): string =>
    policies
      .filter((policy) => 'danger' in policy)
      .map(policyText)
      .filter((text) => stays.has(text))
      .join('\n');
  return orderOf(before) !== orderOf(after);
}

const strictness = { allow: 0, warn: 1, block: 2 } as const;

function isLooser(before: Policy, after: Policy): boolean {
  if (strictness[after.action] < strictness[before.action]) return true;
  if (!('limit' in before) || !('limit' in after)) return false;
  const [most, now] = [before.moreThan, after.moreThan];
  if ('number' in most && 'number' in now) return now.number > most.number;
  if ('percent' in most && 'percent' in now) return now.percent > most.percent;
  return true;
}

function subjectText(policy: Policy): string {
  const { environment } = policy;
  return [
    'danger' in policy ? `danger: ${policy.danger}` : `${policy.limit}: ${policy.what ?? 'any'}`,
    ...('danger' in policy && policy.kind !== undefined ? [`kind: ${policy.kind}`] : []),
    ...(environment === undefined ? [] : [`environment: ${environment}`]),
  ].join(', ');
}

function policyText(policy: Policy): string {
  const moreThan = 'limit' in policy ? `, more_than: ${thresholdText(policy.moreThan)}` : '';
  return `{ ${subjectText(policy)}${moreThan}, action: ${policy.action} }`;
}

function thresholdText(moreThan: { readonly number: number } | { readonly percent: number }): string {
  return 'number' in moreThan ? `${moreThan.number}` : `${moreThan.percent}%`;
}

/** What goes from a list and what comes into it, in words; its order means nothing. */
function listDifferences(
  path: readonly string[],
  before: readonly string[],
  after: readonly string[],
  say: { gone(names: string): string; come(names: string): string },
): readonly Difference[] {
  const gone = before.filter((one) => !after.includes(one));
  const come = after.filter((one) => !before.includes(one));
  return [
    ...(gone.length === 0 ? [] : [{ loosens: true, path, message: say.gone(gone.join(', ')) }]),
    ...(come.length === 0 ? [] : [{ loosens: false, path, message: say.come(come.join(', ')) }]),
  ];
}

function expectationDifferences(
  before: readonly Expectation[],
  after: readonly Expectation[],
): readonly Difference[] {
  const [was, is] = [grouped(before, whoText), grouped(after, whoText)];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((who) =>
    listDifferences(['expect'], expectedOf(was.get(who)), expectedOf(is.get(who)), {
      gone: (what) => `it is no longer expected that ${who} ${what}`,
      come: (what) => `it will be expected that ${who} ${what}`,
    }),
  );
}

function whoText({ role, channelRole, channelType }: Expectation): string {
  const place = channelType === undefined ? 'in the app' : `in channels of type ${channelType}`;
  return `role ${role}${channelRole === undefined ? '' : ` as ${channelRole}`} ${place}`;
}

function expectedOf(expectations: readonly Expectation[] = []): readonly string[] {
  return expectations.flatMap(({ can, cannot }) => [
    ...can.map((permission) => `can ${permission}`),
    ...cannot.map((permission) => `cannot ${permission}`),
  ]);
}

function manifestDifferences(
  path: readonly string[],
  whose: string,
  before: readonly string[],
  after: readonly string[],
): readonly Difference[] {
  return listDifferences(path, before, after, {
    gone: (names) => `${whose} no longer reads ${names}: nothing in it is managed any more`,
    come: (names) => `${whose} will also read ${names}`,
  });
}

function environmentDifferences(
  before: readonly ProjectEnvironment[],
  after: readonly ProjectEnvironment[],
): readonly Difference[] {
  const was = new Map(before.map((one) => [one.name, one]));
  const is = new Map(after.map((one) => [one.name, one]));
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((name): readonly Difference[] => {
    const path = ['environments', name];
    const [one, other] = [was.get(name), is.get(name)];
    if (other === undefined) return [{ loosens: true, path, message: `environment ${name} is removed` }];
    if (one === undefined) return [{ loosens: false, path, message: `environment ${name} is new` }];
    return [
      ...appDifferences([...path, 'app'], name, one.app, other.app),
      ...productionDifferences([...path, 'production'], name, one.production, other.production),
      ...ownManifestDifferences([...path, 'manifests'], name, one.manifests, other.manifests),
      ...listDifferences([...path, 'hosts'], one.hosts, other.hosts, {
        gone: (hosts) => `${hosts} no longer belongs to environment ${name}: elsewhere it is no danger`,
        come: (hosts) => `${hosts} will belong to environment ${name}`,
      }),
    ];
  });
}

function appDifferences(
  path: readonly string[],
  name: string,
  before: AppGuard,
  after: AppGuard,
): readonly Difference[] {
  return (['id', 'name'] as const).flatMap((part): readonly Difference[] => {
    const [was, is] = [before[part], after[part]];
    if (was === is) return [];
    const change = `${was ?? '(any)'} → ${is ?? '(any)'}`;
    const message = `environment ${name} is for another app: ${part} ${change}`;
    return [{ loosens: was !== undefined, path: [...path, part], message }];
  });
}

function productionDifferences(
  path: readonly string[],
  name: string,
  before: boolean,
  after: boolean,
): readonly Difference[] {
  if (before === after) return [];
  const message = `environment ${name} ${before ? 'is no longer' : 'will be'} marked as production`;
  return [{ loosens: before, path, message }];
}

/** A list of its own replaces the project's, so that it comes or goes may leave out what was read before. */
function ownManifestDifferences(
  path: readonly string[],
  name: string,
  before: readonly string[] | undefined,
  after: readonly string[] | undefined,
): readonly Difference[] {
  const whose = `environment ${name}`;
  if (before !== undefined && after !== undefined) return manifestDifferences(path, whose, before, after);
  if (after !== undefined)
    return [{ loosens: true, path, message: `${whose} gets manifests of its own: ${after.join(', ')}` }];
  if (before === undefined) return [];
  const message = `${whose} has no manifests of its own any more: ${before.join(', ')}`;
  return [{ loosens: true, path, message }];
}
