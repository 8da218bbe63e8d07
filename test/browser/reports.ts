import { addressOf } from '../../src/model/address.ts';
import type { Change } from '../../src/model/change.ts';
import type { Rights } from '../../src/model/danger.ts';
import type { Kind, Registry } from '../../src/model/kind.ts';
import type { ChangeOrigin } from '../../src/model/origin.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { PlanReport, ReportChange } from '../../src/model/report.ts';
import { registry } from '../../src/kinds/registry.ts';
import { makePlan } from '../../src/reconcile/plan.ts';
import { reportOf } from '../../src/render/report.ts';
import { hostileTexts } from '../render/hostile.ts';
import {
  add,
  at,
  create,
  elements,
  planOf,
  problem,
  remove,
  report,
  resource,
  set,
} from '../render/fixtures.ts';
import { manifestOf, testApp } from '../support/world.ts';

const live = `
app: { settings: { enforce_unique_usernames: app, image_upload_config: { allowed_file_extensions: [.jpg, .png] } } }
channel_types:
  support:
    max_message_length: 5000
    grants:
      user: [read-channel, create-message, create-channel, update-message-owner, add-links, flag-message]
      guest: [read-channel]
      channel_member: [read-channel, create-message, create-reaction]
      channel_moderator: [read-channel, create-message, ban-channel-member, pin-message]
  old: {}
users: { lena: { name: Lena }, ben: { name: Ben }, ana: { name: Ana }, gone: { name: Gone }, srv: { role: admin } }
defaults: { channels: { support: { created_by: srv } } }
channels:
  support:
    case-1: { name: Case 1, members: [ana, ben, lena], moderators: [lena], custom: { desk: 4 } }
    case-2: { name: Case 2, members: [ana], custom: { desk: 4 } }
`;

const wanted = (terms: string): string => `
app:
  settings:
    enforce_unique_usernames: team
    image_upload_config: { allowed_file_extensions: [.png, .webp] }
    reminders_max_members: 10
    datadog_info: { api_key: the-key-of-datadog, site: us1, enabled: true }
channel_types:
  support:
    max_message_length: 300
    reactions: false
    grants:
      user: [read-channel, create-message, update-message-owner, add-links, flag-message]
      guest: [read-channel, create-message]
      channel_member: [read-channel, create-message, create-reaction]
      channel_moderator: []
users: { lena: { name: Lena Ek }, ben: { name: Ben }, ana: { name: Ana }, srv: { role: admin }, noa: { name: Noa, role: moderator } }
defaults: { channels: { support: { created_by: srv } } }
channels:
  support:
    case-1: { name: Case 1, members: [ana, noa], moderators: [], custom: { desk: 5, terms: "${terms}" } }
    case-3: { name: Case 3, members: [noa], moderators: [noa], custom: { desk: 7 } }
removed:
  - { channel: "support:case-2", because: the case is closed }
  - { channel_type: old, because: RFC 10 }
  - { channel_type: team, created_before: "2100-01-01T00:00:00Z", because: back to the defaults }
  - { user: gone, mode: hard, because: asked to be forgotten }
`;

/** The plan of a support desk against a local app, with all that a report can say of it. */
export async function supportReport(): Promise<PlanReport> {
  const app = await testApp();
  try {
    await app.apply(live);
    const manifest = manifestOf(
      wanted('Be kind, and never share a password. '.repeat(120)),
      'chat/support.yaml',
    );
    const plan = await makePlan(manifest, withRights, app.connection.reader);
    return reportOf(toldOf(plan), {
      registry: withRights,
      version: '0.1.0',
      command: 'plan',
      environment: { name: 'prod', production: true, foreignHosts: [] },
      emulator: true,
      blocked: [],
      fingerprint: () => '3f9c1a',
    });
  } finally {
    await app.close();
  }
}

/** Channel types tell who may do what as their grants do. */
const withRights: Registry = {
  ...registry,
  kinds: registry.kinds.map((kind): Kind =>
    kind.name === 'channel_type'
      ? { ...kind, rights: (form) => (form as { readonly grants?: Rights }).grants ?? {} }
      : kind,
  ),
};

const support = addressOf('channel_type', 'support');
const caseOne = addressOf('channel', 'support:case-1');

/** What other revisions and the rules say of that plan. */
function toldOf(plan: Plan): Plan {
  const change = plan.changes.find(({ address }) => address === support);
  const about = change === undefined ? {} : { change };
  const origin = (
    whose: ChangeOrigin['origin'],
    fields: ChangeOrigin['fields'] = new Map(),
  ): ChangeOrigin => ({
    origin: whose,
    adopts: false,
    fields,
  });
  return {
    ...plan,
    limits: new Map([['UpdateChannelType', 60]]),
    reach: new Map([
      [support, { channels: { count: 1000, more: true }, members: { count: 12_400, more: false } }],
      [caseOne, { members: { count: 3, more: false } }],
    ]),
    dangers: [
      {
        code: 'open-without-login',
        address: support,
        path: ['grants', 'guest'],
        message: 'guest can write messages in channels of type support',
        action: 'block',
        ...about,
      },
      {
        code: 'rights-lost',
        address: support,
        path: ['grants', 'user'],
        message: 'user can no longer create channels of type support',
        action: 'warn',
        ...about,
      },
      {
        code: 'role-emptied',
        address: support,
        path: ['grants', 'channel_moderator'],
        message: 'channel_moderator holds no right in channels of type support',
        action: 'block',
        accepted: 'moderation moves to the dashboard',
        ...about,
      },
      {
        code: 'member-added',
        address: caseOne,
        path: ['members'],
        message: 'noa can read the history of support:case-1',
        action: 'allow',
      },
    ],
    origins: {
      base: { ref: 'main', commit: '8d3f5a1c0b7e46f2a9d8c7b6a5f4e3d2c1b0a9f8' },
      applied: '1f2e3d4c5b6a79880716253443526170f1e2d3c4',
      changes: new Map([
        ...plan.changes.map(({ address }) => [address, origin('branch')] as const),
        [addressOf('app_settings', 'app'), origin('drift')],
        [addressOf('user', 'lena'), origin('pending')],
        [
          support,
          origin(
            'mixed',
            new Map([
              ['grants.user', { origin: 'branch' }],
              ['grants.guest', { origin: 'mixed', elements: new Map([['create-message', 'drift']]) }],
              ['max_message_length', { origin: 'before' }],
              ['reactions', { origin: 'branch' }],
            ]),
          ),
        ],
        [caseOne, { origin: 'branch', adopts: true, fields: new Map() }],
      ]),
      leaving: [
        {
          address: addressOf('app_settings', 'app'),
          path: ['multi_tenant_enabled'],
          guards: true,
          at: at('a.yaml', 1),
        },
        { address: addressOf('channel_type', 'press'), path: [], guards: false, at: at('a.yaml', 2) },
      ],
    },
  };
}

/** A report that holds each hostile text in every place that can hold one. */
export function hostileReport(texts: readonly string[] = hostileTexts): PlanReport {
  const changes = texts.flatMap((text, index): readonly Change[] => {
    const custom = { [text === '__proto__' ? 'proto' : text]: text, list: [text] };
    const of = resource('channel_type', `${index}${text}`, {}, at(text, 1));
    return [
      create(of, [
        { op: 'add', path: ['custom', text], after: custom },
        { op: 'add', path: [text], after: text },
        {
          op: 'elements',
          path: ['grants', text],
          added: [{ name: text, value: custom }],
          removed: [],
          before: 0,
          after: 1,
        },
      ]),
      remove('user', `${index}${text}`, 'hard', [{ op: 'remove', path: [text], before: custom }], text),
    ];
  });
  const [first, second = first] = changes;
  const about = first === undefined ? {} : { address: first.address };
  const plan = planOf(changes, {
    app: { id: 1, name: texts.join(' ') },
    diagnostics: texts.flatMap((text) => [
      problem(text, text, { help: text, ...about }),
      problem(text, text, { severity: 'note', help: text, at: at(text, 1) }),
    ]),
    dangers: texts.map((text) => ({
      code: 'rights-gained',
      address: first?.address ?? 'user/a',
      path: [text],
      message: text,
      action: 'block',
      accepted: text,
    })),
    losses: texts.flatMap((text) =>
      second === undefined ? [] : [{ what: text, names: [text], change: second, approved: false }],
    ),
    origins: {
      base: { ref: texts.join(' '), commit: texts.join(' ') },
      changes: new Map(),
      leaving: texts.map((text) => ({
        address: `user/${text}`,
        path: [text],
        guards: true,
        at: at(text, 1),
      })),
    },
  });
  const made = report(plan, {
    standIn: texts.join(' '),
    environment: { name: texts.join(' '), production: true, foreignHosts: [] },
    emulator: true,
  });
  const rights = texts.map((text) => ({
    role: text,
    kept: [`${text}k`],
    gained: [`${text}g`],
    lost: [text],
  }));
  return {
    ...made,
    files: texts,
    changes: made.changes.map((change, index): ReportChange =>
      index === 0 ? { ...change, rights, uncompared: texts } : change,
    ),
    uncompared: texts.map((text) => ({ address: `user/${text}`, paths: [text] })),
  };
}

/** So many channels, a type among them. */
export function largeReport(count: number): PlanReport {
  const changes = Array.from({ length: count }, (_, index) =>
    create(resource('channel', `support:case-${index}`, {}, at('cases.yaml', index + 1)), [
      add('name', `Case ${index}`),
      elements('members', 0, [`agent-${index % 7}`, `buyer-${index}`]),
    ]),
  );
  const type = resource('channel_type', 'support', {}, at('types.yaml', 1));
  return report(planOf([{ ...create(type, [set('reactions', true, false)]) }, ...changes]));
}
