// @ts-check
// What it takes to show a large plan: one report of 10,000 changes, in every format that there is.
import { renderGithub } from '../../dist/render/github.js';
import { renderHtml } from '../../dist/render/html/page.js';
import { renderJson } from '../../dist/render/json.js';
import { renderMarkdown } from '../../dist/render/markdown.js';
import { renderTerminal } from '../../dist/render/terminal.js';

/** @typedef {import('../../src/model/report.ts').PlanReport} PlanReport */

const changes = 10_000;
const scripts = [
  'Größenänderung',
  '部署チームのお知らせ',
  'שירות־לקוחות',
  'дежурная-смена',
  '👨‍👩‍👧 семья',
  'cafe\u0301',
];
const roles = ['admin', 'channel_member', 'channel_moderator', 'guest', 'moderator', 'user'];

/** @type {readonly (readonly [string, (report: PlanReport) => string])[]} */
const formats = [
  ['terminal', (report) => renderTerminal(report, { color: true, width: 100, verbose: false })],
  ['json', renderJson],
  ['markdown', (report) => renderMarkdown(report)],
  ['github', renderGithub],
  ['html', renderHtml],
];

/**
 * The median time and the size of each format.
 * @param {number} runs
 */
export function renderings(runs) {
  const report = reportOf(changes);
  return formats.map(([format, render]) => {
    let text = '';
    const times = Array.from({ length: runs }, () => {
      const started = performance.now();
      text = render(report);
      return performance.now() - started;
    });
    const ms = times.toSorted((one, two) => one - two)[Math.floor(runs / 2)] ?? NaN;
    return { format, ms, bytes: Buffer.byteLength(text) };
  });
}

/** @param {number} count @returns {PlanReport} */
function reportOf(count) {
  const all = Array.from({ length: count }, (_, index) => changeOf(index));
  const deleted = all.filter(({ action }) => action === 'delete');
  const losses = [
    ...deleted.map(({ address, kind, key }) => ({ address, what: kind, names: [key], approved: true })),
    ...all
      .filter(({ kind, action }, index) => kind === 'channel' && action === 'update' && index % 3 === 0)
      .map(({ address, key }) => ({
        address,
        what: 'member',
        names: [`a ${key}`, `b ${key}`],
        approved: false,
      })),
  ];
  const dangers = all.flatMap((change, index) => dangersOf(change, index));
  const diagnostics = all
    .filter((_, index) => index % 25 === 0)
    .map(({ address, key, source }) => ({
      severity: /** @type {const} */ ('note'),
      code: 'not-confirmed',
      message: `nobody asked the live app whether "${key}" exists`,
      address,
      source,
    }));
  const actions = (/** @type {string} */ action) => all.filter((change) => change.action === action).length;
  return {
    format_version: '1.1',
    tool: { name: 'streambed', version: '0.1.0' },
    command: 'plan',
    outcome: 'changes',
    emulator: false,
    environment: { name: 'production', production: true },
    compared_with: { base: 'origin/main', commit: '1'.repeat(40), applied: '2'.repeat(40) },
    app: { id: 1_699_146, name: 'Acme Chat' },
    files: ['chat/all.yaml'],
    summary: {
      create: actions('create'),
      update: actions('update'),
      delete: deleted.length,
      unchanged: 250,
      lose: losses.reduce((sum, { names }) => sum + names.length, 0),
      uncompared: 0,
      dangerous: dangers.filter(({ accepted }) => accepted === undefined).length,
    },
    // As a report has them: what goes comes first.
    changes: [...deleted, ...all.filter(({ action }) => action !== 'delete')],
    uncompared: [],
    losses,
    dangers,
    leaving: [],
    cost: {
      writes: count,
      seconds: 600,
      operations: [{ operation: 'UpdateChannelPartial', requests: count, per_minute: 300 }],
      limits: 'defaults',
    },
    diagnostics,
  };
}

/**
 * Long, and in several scripts.
 * @param {number} index
 */
function nameOf(index) {
  const part = (/** @type {number} */ step) => scripts[(index + step) % scripts.length];
  return `${part(0)}-${part(1)}-${part(3)}-${part(4)} ${index}`;
}

/**
 * One in twenty is a type with its grants, one in ten goes, and one in four is named alike.
 * @param {number} index
 * @returns {PlanReport['changes'][number] & Pick<Required<PlanReport['changes'][number]>, 'source'>}
 */
function changeOf(index) {
  const kind = index % 20 === 0 ? 'channel_type' : index % 2 === 0 ? 'user' : 'channel';
  const key = kind === 'channel' ? `messaging:${nameOf(index)}` : nameOf(index);
  const source = { file: 'chat/all.yaml', line: index + 1, column: 3 };
  const origin = /** @type {const} */ (['branch', 'before', 'pending', 'drift'])[index % 4] ?? 'branch';
  const common = { address: `${kind}/${key}`, kind, key, source, origin, unchanged: 3, uncompared: [] };
  const alike = index % 8 === 1 || index % 8 === 2;
  /** @type {PlanReport['changes'][number]['fields'][number]} */
  const name = {
    path: ['name'],
    op: 'set',
    before: alike ? 'alt' : nameOf(index + 1),
    after: alike ? 'neu' : nameOf(index + 2),
    origin,
    source,
  };
  if (index % 10 === 7) {
    const { op: _, after: __, ...gone } = name;
    const how = index % 20 === 7 ? 'hard' : 'soft';
    return { ...common, action: 'delete', how, because: nameOf(index), fields: [{ ...gone, op: 'remove' }] };
  }
  if (kind === 'channel_type')
    return { ...common, action: 'update', fields: [name, ...grantsOf(index)], rights: rightsOf(index) };
  if (index % 3 === 0) {
    const members = names(index, 4).map((one) => ({ name: one, origin }));
    return {
      ...common,
      action: 'update',
      fields: [
        name,
        { path: ['members'], op: 'elements', added: members, removed: members.slice(2), source },
      ],
    };
  }
  const { before: _, op: __, ...added } = name;
  return { ...common, action: 'create', fields: [{ ...added, op: 'add' }] };
}

/** @param {number} index @param {number} count */
function names(index, count) {
  return Array.from({ length: count }, (_, step) => nameOf(index + step));
}

/** @param {number} from @param {number} count */
function permissions(from, count) {
  return Array.from({ length: count }, (_, step) => `permission-${from + step}-any-team`);
}

/** @param {number} index @returns {PlanReport['changes'][number]['fields']} */
function grantsOf(index) {
  return roles.map((role) => ({
    path: ['grants', role],
    op: 'elements',
    added: permissions(index, 2).map((name) => ({ name })),
    removed: permissions(index + 40, 2).map((name) => ({ name })),
    before_size: 27,
    after_size: 27,
  }));
}

/** @param {number} index */
function rightsOf(index) {
  return roles.map((role) => ({
    role,
    kept: permissions(index + 2, 25),
    gained: permissions(index, 2),
    lost: permissions(index + 40, 2),
  }));
}

/** @param {ReturnType<typeof changeOf>} change @param {number} index @returns {PlanReport['dangers']} */
function dangersOf({ address, kind, key, source }, index) {
  if (kind === 'channel_type')
    return roles.map((role) => ({
      code: 'rights-gained',
      title: 'a role that end users hold gains a right',
      address,
      path: ['grants', role],
      message: `${role} may do more in channels of ${key}: ${permissions(index, 2).join(', ')}`,
      action: 'warn',
      source,
    }));
  if (index % 10 !== 6) return [];
  return [
    {
      code: 'role-raised',
      title: 'somebody becomes an admin or a moderator',
      address,
      path: ['role'],
      message: `${key} becomes an admin`,
      action: 'warn',
      ...(index % 50 === 6 ? { accepted: nameOf(index) } : {}),
      source,
    },
  ];
}
