import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { planReportSchema, type PlanReport, type ReportField } from '../../src/model/report.ts';
import type { Change } from '../../src/model/change.ts';
import type { Plan } from '../../src/model/plan.ts';
import { renderJson } from '../../src/render/json.ts';
import { reportOfProblems } from '../../src/render/report.ts';
import {
  add,
  at,
  create,
  drop,
  elements,
  keep,
  planOf,
  problem,
  remove,
  report,
  resource,
  set,
  step,
  update,
} from './fixtures.ts';

const validate = new Ajv2020({ strict: false }).compile(planReportSchema);

function plain(of: PlanReport): PlanReport {
  const parsed: unknown = JSON.parse(renderJson(of));
  validate(parsed);
  expect(validate.errors ?? []).toEqual([]);
  return parsed as PlanReport;
}

function fieldsOf(...changes: Change[]): readonly ReportField[] {
  return plain(report(planOf(changes))).changes.flatMap(({ fields }) => fields);
}

const settings = resource('app_settings', 'app', {}, at('app.yaml', 3, 5));
const source = { file: 'app.yaml', line: 3, column: 5 };

describe('secrets', () => {
  test('are absent, and keyed fingerprints stand for them', () => {
    expect(fieldsOf(update(settings, [set('webhook_secret', 'one', 'two')]))).toEqual([
      {
        path: ['webhook_secret'],
        op: 'set',
        sensitive: true,
        before_fingerprint: expect.any(String),
        after_fingerprint: expect.any(String),
        source,
      },
    ]);
  });

  test('are found inside bigger values, behind patterns, references and alternatives', () => {
    const [datadog, push, either, inside] = fieldsOf(
      update(settings, [
        add('datadog_info', { site: 'eu', api_key: 'one' }),
        add('push.password', 'one'),
        drop('either', 'one'),
        add('datadog_info.api_key.deeper', 'one'),
      ]),
    );
    expect(datadog?.after).toEqual({ api_key: { $fingerprint: expect.any(String) }, site: 'eu' });
    expect(datadog?.sensitive).toBe(true);
    for (const field of [push, either, inside]) {
      expect(field).toMatchObject({ sensitive: true });
      expect(field).not.toHaveProperty('before');
      expect(field).not.toHaveProperty('after');
    }
  });

  test('are found in the names of elements and in URLs of any text', () => {
    const [keys, url, custom] = fieldsOf(
      update(settings, [
        elements('hooks.audit.keys', 0, ['one', 'two']),
        set('hooks.audit.url', 'https://a:b@example.com/x', 'https://a:c@example.com/x'),
        add('hooks.audit.note', { text: 'see https://user:pa%20ss@example.com and mail me@example.com' }),
      ]),
    );
    expect(keys?.added?.map(({ name }) => name)).toEqual(['***', '***']);
    expect(keys?.added?.[0]?.value).not.toEqual(keys?.added?.[1]?.value);
    expect(url).toMatchObject({
      before: 'https://***@example.com/x',
      after: 'https://***@example.com/x',
      sensitive: true,
    });
    expect(url?.before_fingerprint).not.toBe(url?.after_fingerprint);
    expect(custom?.after).toEqual({ text: 'see https://***@example.com and mail me@example.com' });
  });

  test.each([
    ['"https://u:p w@h.io" and "me@h.io"', '"https://***@h.io" and "me@h.io"'],
    ["'https://u:it's mine@h.io'", "'https://***@h.io'"],
    ['`https://h.io` is for a@b.io', '`https://h.io` is for a@b.io'],
  ])('are found in quoted URLs, which end at the quote: %s', (value, shown) => {
    const [field] = fieldsOf(update(settings, [add('hooks.audit.note', value)]));
    expect(field?.after).toBe(shown);
  });

  test('are everything in an object of a kind that nobody knows', () => {
    const [field] = fieldsOf(update(resource('mystery', 'x', {}), [add('name', 'one')]));
    expect(field).not.toHaveProperty('after');
  });

  test('never come out, whole, encoded or in part', () => {
    const canary = 'canary-5f3e9b71/+?';
    const url = `https://user:${encodeURIComponent(canary)}@example.com/`;
    const plan = planOf([
      update(settings, [
        set('webhook_secret', canary, `${canary}2`),
        add('datadog_info', { api_key: canary }),
        add('push.p', { deep: [canary, { [canary]: canary }] }),
        set('hooks.a.url', url, `${url}x`),
        elements('hooks.a.keys', 1, [canary], [{ name: canary, value: canary }]),
        add('hooks.b', { url, keys: [canary], [url]: url }),
        { op: 'add', path: ['hooks', url], after: url },
      ]),
      remove('app_settings', 'app', 'reset', [drop('webhook_secret', canary)], `see ${url}`),
    ]);
    const text = renderJson(plain(report(plan)));
    const forms = [
      canary,
      encodeURIComponent(canary),
      Buffer.from(canary).toString('base64'),
      'canary',
      '5f3e9b71',
    ];
    for (const form of forms) expect(text).not.toContain(form);
  });
});

describe('a report', () => {
  test('counts what is as it should be: each top-level field, each role, each key of custom data', () => {
    const declared = {
      name: 'x',
      image: 'y',
      grants: { user: [], guest: [] },
      custom: { a: 1, b: 2 },
      moderators: [],
    };
    const of = resource('channel', 'support:1', declared);
    const [change] = report(
      planOf([
        update(of, [set('name', 'y', 'x'), set('custom.a.deep', 0, 1), elements('members', 1, ['b'])], {
          uncompared: [['image']],
        }),
      ]),
    ).changes;
    expect(change?.unchanged).toBe(3);
  });

  test('puts deletions and losses first, then follows the registry and the keys', () => {
    const named = (kind: string, key: string) => resource(kind, key, {});
    const loser = update(named('channel', 'support:9'), []);
    const plan = planOf(
      [
        create(named('channel', 'support:2'), []),
        create(named('user', 'b'), []),
        create(named('user', 'B'), []),
        update(named('channel_type', 'support'), []),
        keep(named('user', 'k')),
        loser,
        remove('channel', 'support:3', 'soft', []),
        remove('user', 'z', 'soft', []),
      ],
      { losses: [{ what: 'member', names: ['a', 'b'], change: loser, approved: false }] },
    );
    const { changes, summary, losses } = plain(report(plan, { approved: () => true }));
    expect(changes.map(({ address }) => address)).toEqual([
      'user/z',
      'channel/support:3',
      'channel/support:9',
      'channel_type/support',
      'user/B',
      'user/b',
      'channel/support:2',
    ]);
    expect(summary).toEqual({
      create: 3,
      update: 2,
      delete: 2,
      unchanged: 1,
      lose: 4,
      uncompared: 0,
      dangerous: 0,
    });
    expect(losses.every(({ approved }) => approved)).toBe(true);
  });

  test('counts what an apply costs, operation by operation', () => {
    const cost = (more: Partial<Plan>) => plain(report(planOf([], more))).cost;
    expect(cost({})).toEqual({ writes: 0, seconds: 0, operations: [], limits: 'defaults' });
    const steps = [step(['UpdateApp']), step(['DeleteUsers', 'GetTask', 'GetTask'])];
    expect(cost({ steps, estimate: { seconds: 7 }, limits: new Map([['UpdateApp', 90]]) })).toEqual({
      writes: 2,
      seconds: 7,
      operations: [
        { operation: 'DeleteUsers', requests: 1, per_minute: 60 },
        { operation: 'GetTask', requests: 2, per_minute: 60 },
        { operation: 'UpdateApp', requests: 1, per_minute: 90 },
      ],
      limits: 'app',
    });
  });

  test('gives one verdict: errors of the manifests or the reading before refusals, refusals before changes', () => {
    const changed = planOf([update(settings, [])]);
    const refusal = problem('unapproved-loss', 'no');
    const invalid = planOf([], { diagnostics: [problem('unknown-reference', 'no'), refusal] });
    const outcome = (of: PlanReport) => plain(of).outcome;
    expect(outcome(report(planOf([keep(settings)])))).toBe('no-changes');
    expect(outcome(report(changed))).toBe('changes');
    expect(outcome(report(changed, { blocked: [refusal] }))).toBe('blocked');
    expect(outcome(report(planOf([], { diagnostics: [refusal] }), { blocked: [refusal] }))).toBe('blocked');
    expect(outcome(report(invalid, { blocked: [refusal] }))).toBe('invalid');
    expect(outcome(report(invalid, { stopped: 'error' }))).toBe('error');
  });

  test('names each problem once, in the order of the places', () => {
    const refusal = problem('unapproved-loss', 'no');
    const diagnostics = [
      refusal,
      problem('b', 'b', { at: at('b.yaml', 1) }),
      problem('a', 'a', { at: at('a.yaml', 10, 2) }),
    ];
    const made = plain(report(planOf([], { diagnostics }), { blocked: [refusal] }));
    expect(made.diagnostics.map(({ code }) => code)).toEqual(['a', 'b', 'unapproved-loss']);
  });

  test('tells what became of each change, and carries the whole problem of a failure', () => {
    const failed = create(resource('user', 'a', {}), []);
    const skipped = create(resource('channel', 'support:1', {}), []);
    const diagnostic = problem('refused', 'Stream says no', { help: 'Ask again.' });
    const made = plain(
      report(planOf([failed, skipped]), {
        command: 'apply',
        verified: 'unknown',
        outcomes: [
          { status: 'failed', change: failed, diagnostic, done: ['UpdateUsers'] },
          { status: 'skipped', change: skipped, because: 'user/a failed' },
          { status: 'applied', change: keep(settings) },
        ],
      }),
    );
    expect(made).toMatchObject({
      outcome: 'error',
      verified: 'unknown',
      outcomes: [
        { address: 'user/a', status: 'failed', because: 'Stream says no', done: ['UpdateUsers'] },
        { address: 'channel/support:1', status: 'skipped', because: 'user/a failed' },
        { address: 'app_settings/app', status: 'applied' },
      ],
      diagnostics: [{ code: 'refused', help: 'Ask again.', address: 'user/a' }],
    });
  });

  test('exists without a plan too', () => {
    for (const outcome of ['invalid', 'error', 'blocked', 'no-changes'] as const) {
      const app = { id: undefined, name: 'Acme' };
      const made = reportOfProblems({
        command: 'validate',
        version: '1',
        emulator: false,
        files: ['-'],
        diagnostics: [problem('x', 'y')],
        outcome,
        app,
      });
      expect(plain(made)).toMatchObject({ outcome, app: { name: 'Acme' }, changes: [] });
    }
  });

  test('does not depend on the order in which live values happen to list their keys', () => {
    const one = report(planOf([update(settings, [add('x', { b: 1, a: { d: 1, c: 2 } })])]));
    const other = report(planOf([update(settings, [add('x', { a: { c: 2, d: 1 }, b: 1 })])]));
    expect(renderJson(one)).toBe(renderJson(other));
  });
});
