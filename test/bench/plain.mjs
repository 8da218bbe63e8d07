// @ts-check
// What somebody would write in an afternoon instead: the same YAML with js-yaml, the same reads with the SDK, compared
// with JSON.stringify. It checks nothing, orders nothing, and has no plan; it is the yardstick for time.
import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { StreamChat } from 'stream-chat';

const { STREAM_API_KEY = '', STREAM_API_SECRET = '', STREAM_BASE_URL } = process.env;
const client = new StreamChat(STREAM_API_KEY, STREAM_API_SECRET, {
  baseURL: STREAM_BASE_URL,
  timeout: 30_000,
  disableCache: true,
});
const declared = /** @type {any} */ (load(readFileSync(process.argv[2] ?? '', 'utf8')));
let different = 0;

await client.getAppSettings();
if (declared.channel_types !== undefined) {
  const { channel_types: live } = /** @type {any} */ (await client.listChannelTypes());
  for (const [name, type] of Object.entries(declared.channel_types)) {
    const one = { ...type, grants: sorted(type.grants), commands: type.commands.toSorted() };
    const there = live[name] ?? {};
    const two = Object.fromEntries(Object.keys(type).map((key) => [key, there[key]]));
    two.commands = (there.commands ?? []).map((/** @type {any} */ command) => command.name).toSorted();
    two.grants = sorted(
      Object.fromEntries(Object.keys(type.grants).map((role) => [role, there.grants?.[role] ?? []])),
    );
    if (JSON.stringify(one) !== JSON.stringify(two)) different++;
  }
}
if (declared.users !== undefined) {
  const pages = groups(Object.keys(declared.users), 100);
  const answers = await Promise.all(
    pages.map((ids) =>
      client.queryUsers({ id: { $in: ids } }, [], { limit: 100, include_deactivated_users: true }),
    ),
  );
  const live = new Map(answers.flatMap(({ users }) => users).map((user) => [user.id, user]));
  for (const [id, { name }] of Object.entries(declared.users)) if (live.get(id)?.name !== name) different++;
}
if (declared.channels !== undefined) {
  const wanted = new Map(
    Object.entries(declared.channels).flatMap(([type, channels]) =>
      Object.entries(channels).map(([id, channel]) => [`${type}:${id}`, channel]),
    ),
  );
  const rows = (
    await Promise.all(
      groups([...wanted.keys()], 30).map((cids) =>
        client.queryChannelsRequest({ cid: { $in: cids } }, [], {
          limit: 30,
          member_limit: 100,
          message_limit: 0,
          watch: false,
        }),
      ),
    )
  ).flat();
  const live = new Map(rows.map((row) => [row.channel.cid, row]));
  for (const [cid, channel] of wanted) {
    const there = /** @type {any} */ (live.get(cid));
    const { custom, members, name, created_by } = channel;
    const one = { name, created_by, ...custom, members: members.toSorted() };
    const two = {
      name: there?.channel.name,
      created_by: there?.channel.created_by.id,
      ...Object.fromEntries(Object.keys(custom).map((key) => [key, there?.channel[key]])),
      members: there?.members.map((/** @type {any} */ member) => member.user_id).toSorted(),
    };
    if (JSON.stringify(one) !== JSON.stringify(two)) different++;
  }
}
console.log(`${different} different`);

/** @param {Readonly<Record<string, readonly string[]>>} grants */
function sorted(grants) {
  return Object.fromEntries(
    Object.entries(grants)
      .toSorted()
      .map(([role, list]) => [role, list.toSorted()]),
  );
}

/** @template T @param {readonly T[]} items @param {number} size */
function groups(items, size) {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
