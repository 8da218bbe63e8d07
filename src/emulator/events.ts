import type { JsonObject } from './json.ts';
import type { Connection } from './live.ts';
import { totalsAnswer, unreadTotals } from './reads.ts';
import type { Channel, State } from './state.ts';
import { type Micros, timeText } from './time.ts';

/** Something that happened in a channel; `fields` is asked only when somebody listens. */
export interface ChannelEvent {
  readonly type: string;
  readonly time: Micros;
  readonly fields: () => JsonObject;
  /** True when every receiver is told how much he has to read now. */
  readonly counted?: true;
}

/** Tells everyone who watches the channel. */
export function tellWatchers(state: State, channel: Channel, event: ChannelEvent): void {
  tell(state, channel, event, state.live.watchers(channel.cid));
}

/** Tells the members who are connected and do not watch the channel. */
export function tellOtherMembers(state: State, channel: Channel, event: ChannelEvent): void {
  if (state.live.quiet) return;
  const receivers = [...state.live.all()].filter(
    (connection) => !connection.watched.has(channel.cid) && channel.members.has(connection.userId),
  );
  tell(state, channel, event, new Set(receivers));
}

/** Tells one user about a channel, on all his connections. */
export function tellUser(state: State, userId: string, channel: Channel, event: ChannelEvent): void {
  tell(state, channel, event, state.live.of(userId));
}

/** Tells the connections about a user, who may be one of theirs. */
export function tellOfUser(
  receivers: Iterable<Connection>,
  type: string,
  user: JsonObject | null,
  time: Micros,
): void {
  const text = JSON.stringify({ type, user, created_at: timeText(time) });
  for (const connection of receivers) connection.send(text);
}

function tell(state: State, channel: Channel, event: ChannelEvent, receivers: ReadonlySet<Connection>): void {
  if (receivers.size === 0) return;
  const common = {
    type: event.type,
    cid: channel.cid,
    channel_id: channel.id,
    channel_type: channel.type,
    ...(channel.team === undefined ? {} : { team: channel.team }),
    ...event.fields(),
    created_at: timeText(event.time),
  };
  const text = JSON.stringify(common);
  for (const connection of receivers) {
    if (event.counted === undefined) connection.send(text);
    else {
      const totals = totalsAnswer(unreadTotals(state, connection.userId));
      connection.send(JSON.stringify({ ...common, ...totals }));
    }
  }
}
