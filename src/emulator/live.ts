import type { JsonObject } from './json.ts';

/** One WebSocket of one user, as events reach it. */
export interface Connection {
  readonly id: string;
  readonly userId: string;
  /** The user as events show him, for an anonymous visitor, who is nowhere stored. */
  readonly visitor?: JsonObject;
  /** False for those whose coming and going is nobody's business. */
  readonly visible: boolean;
  /** CIDs of the channels this connection watches. */
  readonly watched: Set<string>;
  /** Users whose presence this connection asked for. */
  readonly presence: Set<string>;
  send(text: string): void;
  /** Ends the connection from this side. */
  close(): void;
}

const nobody: ReadonlySet<Connection> = new Set();

/** Who is connected at this moment, and what they watch. */
export class Live {
  readonly #connections = new Map<string, Connection>();
  readonly #byUser = new Map<string, Set<Connection>>();
  readonly #watchers = new Map<string, Set<Connection>>();

  /** True while nobody is connected, so that nothing needs to be told. */
  get quiet(): boolean {
    return this.#connections.size === 0;
  }

  /** Every open connection. */
  all(): Iterable<Connection> {
    return this.#connections.values();
  }

  /** The connection of an id. */
  find(id: string): Connection | undefined {
    return this.#connections.get(id);
  }

  /** The connections of a user. */
  of(userId: string): ReadonlySet<Connection> {
    return this.#byUser.get(userId) ?? nobody;
  }

  /** True when a user can be seen to be there. */
  online(userId: string): boolean {
    if (this.quiet) return false;
    return [...this.of(userId)].some((connection) => connection.visible);
  }

  /** Adds a connection. */
  open(connection: Connection): void {
    this.#connections.set(connection.id, connection);
    add(this.#byUser, connection.userId, connection);
  }

  /** Takes a connection away, with everything it watched. */
  end(connection: Connection): void {
    this.#connections.delete(connection.id);
    remove(this.#byUser, connection.userId, connection);
    for (const cid of connection.watched) remove(this.#watchers, cid, connection);
    connection.watched.clear();
  }

  /** Makes a connection watch a channel. */
  watch(cid: string, connection: Connection): void {
    connection.watched.add(cid);
    add(this.#watchers, cid, connection);
  }

  /** Makes a connection watch a channel no longer. */
  unwatch(cid: string, connection: Connection): void {
    connection.watched.delete(cid);
    remove(this.#watchers, cid, connection);
  }

  /** The connections that watch a channel. */
  watchers(cid: string): ReadonlySet<Connection> {
    return this.#watchers.get(cid) ?? nobody;
  }

  /** The users who watch a channel, each once however many connections they have. */
  watchingUsers(cid: string): ReadonlySet<string> {
    return new Set([...this.watchers(cid)].map((connection) => connection.userId));
  }
}

function add(sets: Map<string, Set<Connection>>, key: string, connection: Connection): void {
  const found = sets.get(key);
  if (found === undefined) sets.set(key, new Set([connection]));
  else found.add(connection);
}

function remove(sets: Map<string, Set<Connection>>, key: string, connection: Connection): void {
  const found = sets.get(key);
  if (found === undefined) return;
  found.delete(connection);
  if (found.size === 0) sets.delete(key);
}
