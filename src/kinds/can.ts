import type { Diagnostic, Result } from '../model/diagnostic.ts';
import { nearest } from '../model/nearest.ts';
import type { AppGuard } from '../model/resource.ts';
import type { Standing } from '../model/standing.ts';
import type { ReadStream } from '../model/stream.ts';
import { held, heldList } from './answers.ts';
import { answerInApp, answerInChannel } from './can-answer.ts';
import {
  actionOf,
  appCircumstances,
  channelCircumstances,
  customsOf,
  isGranted,
  isMaking,
  type Facts,
  type Place,
} from './can-circumstances.ts';
import { memberId } from './channel-data/form.ts';
import { rows } from './channel-data/read.ts';
import { catalogues } from './names.ts';
import { queryUsers } from './user/read.ts';
import { textAt, treeAt, type Tree } from './values.ts';

/** Who is meant, what they want to do, and where. */
export interface Question {
  readonly user: string;
  /** A permission's id: `create-message`. */
  readonly permission: string;
  /** `TYPE:ID`; `.app` or nothing for what is about the whole app. */
  readonly cid?: string;
  /** Must match the live app. */
  readonly app?: AppGuard;
}

/**
 * Whether a user may do something, and by which grant, from a handful of reads. Names that the app does not have are
 * diagnostics; rejects with StreamFailure when a read fails.
 */
export async function standingOf(
  stream: ReadStream,
  question: Question,
): Promise<Result<Standing | undefined>> {
  const { permission, user: id } = question;
  const cid = question.cid === '.app' ? undefined : question.cid;
  if (cid !== undefined && !/^[^:]+:./.test(cid)) {
    return refused('not-a-cid', `"${cid}" is no channel`, 'Write TYPE:ID, or .app for the whole app.');
  }
  const app = held(await stream.read('GetApp'), 'GetApp', 'app');
  const wrong = otherApp(question.app ?? {}, app);
  if (wrong !== undefined) return wrong;

  const [users, permissions, types, found]: readonly [
    ReadonlyMap<string, Tree>,
    readonly Tree[],
    Tree,
    Found | undefined,
  ] = await Promise.all([
    queryUsers(stream, [id]),
    stream.read('ListPermissions').then((answer) => heldList(answer, 'ListPermissions', 'permissions')),
    cid === undefined
      ? {}
      : stream.read('ListChannelTypes').then((answer) => held(answer, 'ListChannelTypes', 'channel_types')),
    cid === undefined ? undefined : findChannel(stream, cid),
  ]);
  const user = users.get(id);
  if (user === undefined) {
    return refused(
      'unknown-user',
      `the app has no user "${id}"`,
      'Check the id; deleted users are not found.',
    );
  }
  const known = new Set([...builtIn(), ...permissions.flatMap((one) => textAt(one, 'id') ?? [])]);
  if (!known.has(permission)) return unknownPermission(permission, known);

  const facts: Facts = { app, user, id, permission, customs: customsOf(permissions) };
  const level = levelOf(permission, permissions);
  if (cid === undefined) {
    return level === 'channel' && !isGranted(actionOf(facts), appCircumstances(facts))
      ? refused('needs-channel', `${permission} is a permission in channels`, 'Say in which one, as TYPE:ID.')
      : answered(answerInApp(facts));
  }

  const typeName = cid.slice(0, cid.indexOf(':'));
  const type = Object.hasOwn(types, typeName) ? treeAt(types[typeName]) : undefined;
  if (type === undefined) return unknownType(typeName, Object.keys(types));
  if (found === undefined && !isMaking(facts)) {
    return refused('unknown-channel', `the app has no channel "${cid}"`, 'Check the type and the id.');
  }
  const member = found === undefined ? undefined : await memberOf(stream, found, id);
  const place: Place = { cid, typeName, type, ...found, member };
  // Types grant some permissions of the app as well, and then the type's count.
  const appWide = level === 'app' && !isGranted(actionOf(facts), channelCircumstances(facts, place));
  return answered(appWide ? answerInApp(facts, place) : answerInChannel(facts, place));
}

function levelOf(permission: string, permissions: readonly Tree[]): string | undefined {
  const found = permissions.find((one) => one['id'] === permission);
  return found === undefined ? undefined : textAt(found, 'level');
}

interface Found {
  readonly channel: Tree;
  readonly members: readonly Tree[];
  /** False when there are more members than these. */
  readonly whole: boolean;
}

/** The channel with its first members; disabled ones show only to those who ask for them. */
async function findChannel(stream: ReadStream, cid: string): Promise<Found | undefined> {
  const filter = { cid: { $in: [cid] } };
  const [row] = await rows(stream, filter, true);
  const [found = row] = row === undefined ? await rows(stream, { ...filter, disabled: true }, true) : [];
  if (found === undefined) return undefined;
  const channel = treeAt(found['channel']);
  const listed = found['members'];
  const members = Array.isArray(listed) ? listed.map(treeAt) : [];
  return { channel, members, whole: channel['member_count'] === members.length };
}

/** One more question for somebody who is not among the first members of a channel that has more. */
async function memberOf(
  stream: ReadStream,
  { channel, members, whole }: Found,
  id: string,
): Promise<Tree | undefined> {
  const first = members.find((member) => memberId(member) === id);
  if (first !== undefined || whole) return first;
  const query = {
    type: channel['type'],
    id: channel['id'],
    filter_conditions: { id: { $in: [id] } },
    sort: [],
    limit: 1,
  };
  const found = heldList(await stream.read('QueryMembers', { query }), 'QueryMembers', 'members');
  return found.find((member) => memberId(member) === id);
}

function builtIn(): ReadonlySet<string> {
  return catalogues.find(({ name }) => name === 'permission')?.everywhere ?? new Set();
}

function otherApp({ id, name }: AppGuard, app: Tree): Result<undefined> | undefined {
  const help = 'Use the credentials of the app that is meant; nothing was read but its name.';
  const message = (what: string, meant: string, live: string): string =>
    `the app with ${what} ${meant} is meant, and the credentials open the one with ${what} ${live}`;
  if (id !== undefined && id !== app['id']) {
    return refused('wrong-app', message('id', String(id), String(app['id'] ?? '(not told)')), help);
  }
  if (name !== undefined && name !== app['name']) {
    return refused('wrong-app', message('name', `"${name}"`, `"${String(app['name'] ?? '')}"`), help);
  }
  return undefined;
}

function unknownPermission(permission: string, known: ReadonlySet<string>): Result<undefined> {
  const near = nearest(permission, known);
  return refused(
    'unknown-permission',
    `the app has no permission "${permission}"`,
    near === undefined ? 'Check the id.' : `Did you mean "${near}"?`,
  );
}

function unknownType(type: string, known: readonly string[]): Result<undefined> {
  const near = nearest(type, known);
  return refused(
    'unknown-type',
    `the app has no channel type "${type}"`,
    near === undefined ? 'Check the name.' : `Did you mean "${near}"?`,
  );
}

function answered(value: Standing): Result<Standing> {
  return { value, diagnostics: [] };
}

function refused(code: string, message: string, help: string): Result<undefined> {
  const diagnostic: Diagnostic = { severity: 'error', code, message, help };
  return { value: undefined, diagnostics: [diagnostic] };
}
