import { randomUUID } from 'node:crypto';
import { fieldError, inputError, notFound } from './errors.ts';
import type { Json, JsonObject } from './json.ts';
import type { Call, Route } from './router.ts';
import type { Blocklist, State } from './state.ts';
import { timeText } from './time.ts';
import { listOf, oneOf, optionalFlag, optionalText, requiredText, text } from './validate.ts';

/** Blocklists, keyed by name and team. */
export const blocklistRoutes: readonly Route[] = [
  { method: 'GET', path: '/blocklists', operation: 'ListBlockLists', access: 'server', answer: list },
  { method: 'POST', path: '/blocklists', operation: 'CreateBlockList', access: 'server', answer: create },
  { method: 'GET', path: '/blocklists/:name', operation: 'GetBlockList', access: 'server', answer: get },
  {
    method: 'PUT',
    path: '/blocklists/:name',
    operation: 'UpdateBlockList',
    access: 'server',
    answer: update,
  },
  {
    method: 'DELETE',
    path: '/blocklists/:name',
    operation: 'DeleteBlockList',
    access: 'server',
    answer: remove,
  },
];

const builtInName = 'profanity_en_2020_v1';
const mostBlocklists = 15;
const mostWords = 10_000;
const longestWord = 40;
const mostPerPage = 200;

const flags = [
  'is_leet_check_enabled',
  'is_plural_check_enabled',
  'is_confusable_folding_enabled',
  'is_substring_matching_enabled',
] as const;

const types = ['regex', 'domain', 'domain_allowlist', 'email', 'email_allowlist', 'word'];

/** The list every app has; its words are a sample. */
const builtIn: Blocklist = {
  name: builtInName,
  type: 'word',
  words: ['damn', 'hell'],
  is_leet_check_enabled: false,
  is_plural_check_enabled: false,
  is_confusable_folding_enabled: false,
  is_substring_matching_enabled: false,
};

/** True when a channel type may name the list. */
export function blocklistExists(state: State, name: string): boolean {
  if (name === builtInName) return true;
  for (const blocklist of state.blocklists.values()) if (blocklist.name === name) return true;
  return false;
}

function list({ state, query }: Call): object {
  const limit = Number(query['limit'] ?? mostPerPage);
  if (!Number.isInteger(limit) || limit < 1 || limit > mostPerPage) {
    throw fieldError('limit', `must be between 1 and ${mostPerPage}`);
  }
  const team = query['team'];
  const all = [builtIn, ...state.blocklists.values()].filter(
    (one) => one.team === undefined || one.team === team,
  );
  const start = query['cursor'] === undefined ? 0 : readCursor(query['cursor']);
  const page = all.slice(start, start + limit);
  const more = start + limit < all.length;
  return { blocklists: page.map(answerOf), ...(more ? { next_cursor: writeCursor(start + limit) } : {}) };
}

function writeCursor(position: number): string {
  return Buffer.from(`blocklist:${position}`).toString('base64url');
}

function readCursor(cursor: string): number {
  const position = /^blocklist:(\d+)$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (position === null) throw inputError('cursor is invalid');
  return Number(position[1]);
}

function get({ state, parameters, query }: Call): object {
  const name = parameters['name'] ?? '';
  if (name === builtInName) return { blocklist: answerOf(builtIn) };
  return { blocklist: answerOf(existing(state, name, query['team'])) };
}

function create({ state, body, time }: Call): object {
  const name = requiredText(body, 'name', 255);
  const team = optionalText(body, 'team');
  if (name === builtInName || state.blocklists.has(keyOf(name, team))) {
    throw inputError(`blocklist "${name}" already exists`);
  }
  if (state.blocklists.size >= mostBlocklists)
    throw inputError(`an app can have at most ${mostBlocklists} blocklists`);
  if (!Array.isArray(body['words'])) throw fieldError('words', 'is a required field');
  const blocklist: Blocklist = {
    id: randomUUID(),
    name,
    ...(team === undefined || team === '' ? {} : { team }),
    type: (body['type'] ?? '') === '' ? 'word' : (oneOf(types)(body['type'] ?? '', 'type') as string),
    words: wordList(body['words']),
    ...flagsOf(body, builtIn),
    created_at: time,
    updated_at: time,
  };
  state.blocklists.set(keyOf(name, team), blocklist);
  return { blocklist: answerOf(blocklist) };
}

function update({ state, parameters, body, time }: Call): object {
  const name = parameters['name'] ?? '';
  if (name === builtInName) throw inputError('cannot update the builtin block list');
  const team = optionalText(body, 'team');
  const current = existing(state, name, team);
  const words = body['words'];
  const blocklist: Blocklist = {
    ...current,
    words: words === undefined || words === null ? current.words : wordList(words),
    ...flagsOf(body, current),
    updated_at: time,
  };
  state.blocklists.set(keyOf(name, team), blocklist);
  return { blocklist: answerOf(blocklist) };
}

function remove({ state, parameters, query }: Call): object {
  const name = parameters['name'] ?? '';
  if (name === builtInName) throw inputError('cannot delete the builtin block list');
  existing(state, name, query['team']);
  state.blocklists.delete(keyOf(name, query['team']));
  if (!blocklistExists(state, name)) forgetInTypes(state, name);
  return {};
}

/** The real service takes a deleted list out of the channel types by itself. */
function forgetInTypes(state: State, name: string): void {
  for (const type of state.channelTypes.allFresh()) {
    const settings: Record<string, Json> = { ...type.settings };
    const named = Array.isArray(settings['blocklists'])
      ? (settings['blocklists'] as readonly JsonObject[])
      : [];
    const kept = named.filter((entry) => entry['blocklist'] !== name);
    if (settings['blocklist'] !== name && kept.length === named.length) continue;
    if (settings['blocklist'] === name) delete settings['blocklist'];
    if (named.length > 0) settings['blocklists'] = kept;
    state.channelTypes.set(type.name, { ...type, settings });
  }
}

function existing(state: State, name: string, team: string | undefined): Blocklist {
  const blocklist = state.blocklists.get(keyOf(name, team));
  if (blocklist === undefined) throw notFound(`blocklist "${name}" does not exist`);
  return blocklist;
}

/** The key of a list in the state: a list without a team belongs to the whole app. */
function keyOf(name: string, team: string | undefined): string {
  return JSON.stringify([team ?? '', name]);
}

function wordList(sent: Json): readonly string[] {
  return listOf(text({ max: longestWord }), { max: mostWords })(sent, 'words') as readonly string[];
}

function flagsOf(body: JsonObject, current: Blocklist): Pick<Blocklist, (typeof flags)[number]> {
  const [leet, plural, folding, substring] = flags.map((key) => optionalFlag(body, key) ?? current[key]);
  return {
    is_leet_check_enabled: leet ?? false,
    is_plural_check_enabled: plural ?? false,
    is_confusable_folding_enabled: folding ?? false,
    is_substring_matching_enabled: substring ?? false,
  };
}

function answerOf(blocklist: Blocklist): object {
  return {
    ...blocklist,
    ...(blocklist.created_at === undefined ? {} : { created_at: timeText(blocklist.created_at) }),
    ...(blocklist.updated_at === undefined ? {} : { updated_at: timeText(blocklist.updated_at) }),
  };
}
