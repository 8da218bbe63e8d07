import { promises as files } from 'node:fs';
import { join } from 'node:path';
import { indexChannel, indexUser } from './indexes.ts';
import type {
  App,
  Blocklist,
  Channel,
  ChannelType,
  Command,
  Device,
  Message,
  Read,
  Role,
  State,
  Task,
  User,
} from './state.ts';
import type { Permission } from './default-permissions.ts';

/** Keeps a state in a folder: one file, written behind the requests and never half. */
export interface Store {
  /** Says that something changed; the write follows soon, and one write serves many changes. */
  changed(): void;
  /** Writes what is still unwritten. */
  close(): Promise<void>;
}

const fileName = 'state.json';
const fileVersion = 1;
const quietMs = 200;

interface StoredChannel extends Omit<Channel, 'members' | 'hidden_for' | 'messages' | 'reads'> {
  readonly members: readonly ReturnType<Channel['members']['get']>[];
  readonly hidden_for: readonly string[];
  readonly messages: readonly string[];
  /** Absent in files from before users could read. */
  readonly reads?: readonly (readonly [string, Read])[];
}

interface StoredState {
  readonly version: number;
  readonly app: App;
  readonly channelTypes: readonly ChannelType[];
  readonly roles: readonly Role[];
  readonly commands: readonly Command[];
  readonly permissions: readonly Permission[];
  readonly blocklists: readonly (readonly [string, Blocklist])[];
  readonly users: readonly User[];
  readonly channels: readonly StoredChannel[];
  readonly messages: readonly Message[];
  /** Absent in files from before users had devices. */
  readonly devices?: readonly (readonly [string, readonly Device[]])[];
  readonly tasks: readonly Task[];
}

/** Reads the folder's state into the fresh one, if there is any; throws when the file is not one of these. */
export async function restore(folder: string, state: State): Promise<void> {
  const path = join(folder, fileName);
  let text: string;
  try {
    text = await files.readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
  let stored: StoredState;
  try {
    stored = JSON.parse(text) as StoredState;
  } catch {
    throw new Error(`${path} is not readable as JSON; delete it to start with a fresh app`);
  }
  if (stored?.version !== fileVersion) {
    throw new Error(`${path} was written by another version; delete it to start with a fresh app`);
  }
  Object.assign(state.app, stored.app);
  for (const type of stored.channelTypes) state.channelTypes.seed(type.name, type);
  for (const role of stored.roles) state.roles.seed(role.name, role);
  for (const command of stored.commands) state.commands.seed(command.name, command);
  for (const permission of stored.permissions) state.permissions.set(permission.id, permission);
  for (const [key, blocklist] of stored.blocklists) state.blocklists.set(key, blocklist);
  for (const user of stored.users) {
    state.users.set(user.id, user);
    indexUser(state, user);
  }
  for (const channel of stored.channels) indexChannel(state, fromStored(channel));
  for (const message of stored.messages) state.messages.set(message.id, message);
  for (const [user, devices] of stored.devices ?? []) state.devices.set(user, devices);
  for (const task of stored.tasks) state.tasks.set(task.task_id, task);
}

/** Starts keeping the state in the folder, which is made when it is missing. */
export async function openStore(folder: string, state: State): Promise<Store> {
  await files.mkdir(folder, { recursive: true });
  let timer: NodeJS.Timeout | undefined;
  let dirty = false;
  let writing: Promise<void> = Promise.resolve();
  let wait = quietMs;

  const write = (): void => {
    timer = undefined;
    writing = writing.then(async () => {
      if (!dirty) return;
      dirty = false;
      const started = performance.now();
      const text = JSON.stringify(toStored(state));
      // A large state is written less often, so that writing never takes more than a part of the time.
      wait = Math.max(quietMs, (performance.now() - started) * 20);
      await replaceFile(folder, text);
    });
    // Reported by close; until then an unhandled rejection would end the process.
    writing.catch(() => {});
  };

  return {
    changed() {
      dirty = true;
      timer ??= setTimeout(write, wait);
    },
    async close() {
      clearTimeout(timer);
      write();
      await writing;
    },
  };
}

async function replaceFile(folder: string, text: string): Promise<void> {
  const path = join(folder, fileName);
  const temporary = `${path}.tmp`;
  const file = await files.open(temporary, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await files.rename(temporary, path);
}

function toStored(state: State): StoredState {
  return {
    version: fileVersion,
    app: state.app,
    channelTypes: state.channelTypes.allFresh(),
    roles: state.roles.allFresh(),
    commands: state.commands.allFresh(),
    permissions: [...state.permissions.values()],
    blocklists: [...state.blocklists],
    users: [...state.users.values()],
    channels: [...state.channels.values()].map((channel) => ({
      ...channel,
      members: [...channel.members.values()],
      hidden_for: [...channel.hidden_for],
      messages: [...channel.messages],
      reads: [...channel.reads],
    })),
    messages: [...state.messages.values()],
    devices: [...state.devices],
    tasks: [...state.tasks.values()],
  };
}

function fromStored(stored: StoredChannel): Channel {
  return {
    ...stored,
    members: new Map(
      stored.members.flatMap((member) => (member === undefined ? [] : [[member.user_id, member]])),
    ),
    hidden_for: new Set(stored.hidden_for),
    messages: new Set(stored.messages),
    reads: new Map(stored.reads),
  };
}

/** The whole state as plain objects and lists, for comparing; derived indexes and the clock are left out. */
export function plainState(state: State): unknown {
  return {
    app: state.app,
    channelTypes: byKey(state.channelTypes.allFresh(), (type) => type.name),
    roles: byKey(state.roles.allFresh(), (role) => role.name),
    commands: byKey(state.commands.allFresh(), (command) => command.name),
    permissions: state.permissions,
    blocklists: state.blocklists,
    users: state.users,
    channels: state.channels,
    messages: state.messages,
    devices: state.devices,
    tasks: state.tasks,
  };
}

function byKey<T>(values: readonly T[], key: (value: T) => string): ReadonlyMap<string, T> {
  return new Map(values.map((value) => [key(value), value]));
}
