import type { CanReport } from './can-report.ts';
import { diagnosticLines } from './diagnostics.ts';
import { quoted, visible } from './escape.ts';
import { columns, padded, plain, printed, type Line, type Tone } from './line.ts';
import { addressText, nameText } from './words.ts';

/** An answer for people: the verdict first, then the grants that it rests on, then what else decides. */
export function renderCan(report: CanReport, options: { readonly color: boolean }): string {
  const { diagnostics, notes } = report;
  const sections: readonly (readonly Line[])[] = [
    [{ tone: 'head', text: headText(report) }],
    [{ tone: toneOf(report), text: verdictText(report) }],
    [...groundLines(report), ...lackLines(report)],
    notes.map(({ message, stops }): Line => ({
      tone: stops ? 'warn' : 'quiet',
      text: `  ${stops ? '!' : 'note:'} ${visible(message)}`,
    })),
    diagnostics.flatMap((one) => diagnosticLines(one, '')),
  ];
  const lines = sections
    .filter((section) => section.length > 0)
    .flatMap((section, index) => (index === 0 ? section : [plain(''), ...section]));
  return printed(lines, options.color);
}

function headText({ app, emulator }: CanReport): string {
  const number = app?.id === undefined ? '' : ` (${app.id})`;
  return [
    'streambed can',
    ...(emulator ? ['emulator'] : []),
    ...(app === undefined ? [] : [`app ${quoted(app.name)}${number}`]),
  ].join(' · ');
}

function toneOf({ verdict, stopped }: CanReport): Tone {
  return verdict === 'yes' && !stopped ? 'head' : 'warn';
}

function verdictText({ cid, permission, stopped, user, verdict }: CanReport): string {
  const where = cid === undefined || cid === '.app' ? 'in the app' : `in ${nameText(cid)}`;
  const [who, what] = [nameText(user), `${nameText(permission)} ${where}`];
  switch (verdict) {
    case 'yes':
      return `${stopped ? 'yes, but to no avail now' : 'yes'}: ${who} may ${what}`;
    case 'only-own':
      return `only their own: ${who} may ${what}, and not what is somebody else's`;
    case 'no':
      return `no: ${who} may not ${what}`;
    case 'unknown':
      return `unknown: ${who} may perhaps ${what}`;
    case 'error':
      return `error: whether ${who} may ${what} could not be answered`;
  }
}

function groundLines({ because, roles, scope }: CanReport): readonly Line[] {
  const rows = because.map(({ role, permission, from }) => [
    `by ${nameText(permission)} of ${nameText(role)}`,
    from === 'channel' ? '(given in this channel only)' : `(${holdsText(role, roles)})`,
    scope === undefined ? '' : addressText(scope),
  ]);
  const widths = [0, 1].map((column) => Math.max(0, ...rows.map((row) => columns(row[column] ?? ''))));
  return rows.map((row) =>
    plain(`  ${row.map((cell, column) => padded(cell, widths[column] ?? 0)).join('   ')}`),
  );
}

const holding = {
  app: 'their role in the app',
  team: "their role in the channel's team",
  channel: 'their role in the channel',
} as const;

function holdsText(role: string, roles: CanReport['roles']): string {
  const found = roles.find((one) => one.role === role);
  return found === undefined ? '' : holding[found.of];
}

const whyUseless = {
  'not-own': 'counts only where it is their own',
  'other-team': 'does not count in other teams',
} as const;

/** What a reader asks next when the answer is not a plain yes. */
function lackLines({ roles, taken, useless, verdict, who }: CanReport): readonly Line[] {
  if (verdict === 'yes' || verdict === 'error') return [];
  const held = roles.map(({ role, of }) => `${nameText(role)} (${of})`).join(', ');
  return [
    plain(`  roles: ${held}`),
    ...useless.map(({ role, permission, why }) =>
      plain(`  held: ${nameText(permission)} of ${nameText(role)}, which ${whyUseless[why]}`),
    ),
    ...taken.map(({ role, permission }) =>
      plain(`  taken away in this channel: ${nameText(permission)} of ${nameText(role)}`),
    ),
    plain(`  who may: ${who.length === 0 ? 'no role' : who.map(holderText).join(', ')}`),
  ];
}

/** A channel may have very many members of one role. */
const shownMembers = 5;

function holderText({ role, only_own: onlyOwn, members }: CanReport['who'][number]): string {
  const more = members.length - shownMembers;
  const names = [
    ...members.slice(0, shownMembers).map(nameText),
    ...(more > 0 ? [`${more} more`] : []),
    ...(onlyOwn ? ['only their own'] : []),
  ];
  return names.length === 0 ? nameText(role) : `${nameText(role)} (${names.join(', ')})`;
}
