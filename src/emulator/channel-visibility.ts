import { requiredUser } from './callers.ts';
import { eventChannel } from './channel-answers.ts';
import { channelOf } from './channel-data.ts';
import { tellUser } from './events.ts';
import type { JsonObject } from './json.ts';
import type { Call, Route } from './router.ts';
import { userById } from './user-answers.ts';

/** Hiding a channel from one user's lists, and showing it again. */
export const channelVisibilityRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/channels/:type/:id/hide',
    operation: 'HideChannel',
    access: 'everyone',
    answer: (call) => setHidden(call, true),
  },
  {
    method: 'POST',
    path: '/channels/:type/:id/show',
    operation: 'ShowChannel',
    access: 'everyone',
    answer: (call) => setHidden(call, false),
  },
];

function setHidden(call: Call, hidden: boolean): object {
  const { state, time } = call;
  const channel = channelOf(state, call.parameters);
  const user = requiredUser(call);
  if (hidden) channel.hidden_for.add(user);
  else channel.hidden_for.delete(user);
  const fields = (): JsonObject => ({
    channel: eventChannel(state, channel),
    user: userById(state, user),
    ...(hidden ? { clear_history: false } : {}),
  });
  tellUser(state, user, channel, { type: hidden ? 'channel.hidden' : 'channel.visible', time, fields });
  return {};
}
