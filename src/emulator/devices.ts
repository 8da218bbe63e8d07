import { requiredUser } from './callers.ts';
import { notFound } from './errors.ts';
import type { JsonObject } from './json.ts';
import type { Call, Route } from './router.ts';
import type { Device, State } from './state.ts';
import { timeText } from './time.ts';
import { ensureUser } from './user-data.ts';
import { oneOf, optionalText, requiredText } from './validate.ts';

/** Where a user wants push notifications; none are ever sent. */
export const deviceRoutes: readonly Route[] = [
  { method: 'POST', path: '/devices', operation: 'CreateDevice', access: 'everyone', answer: add },
  { method: 'GET', path: '/devices', operation: 'ListDevices', access: 'everyone', answer: list },
  { method: 'DELETE', path: '/devices', operation: 'DeleteDevice', access: 'everyone', answer: remove },
];

const providers = ['apn', 'firebase', 'huawei', 'xiaomi'];

function add(call: Call): object {
  const { state, body, time } = call;
  const id = requiredText(body, 'id', 255);
  const push_provider = oneOf(providers)(body['push_provider'] ?? '', 'push_provider') as string;
  const push_provider_name = optionalText(body, 'push_provider_name', 36);
  const user = ensureUser(state, { id: requiredUser(call) }, time).id;
  const device: Device = {
    id,
    push_provider,
    ...(push_provider_name === undefined ? {} : { push_provider_name }),
    created_at: time,
  };
  const others = (state.devices.get(user) ?? []).filter((one) => one.id !== id);
  state.devices.set(user, [...others, device]);
  return {};
}

function list(call: Call): object {
  return { devices: deviceAnswers(call.state, requiredUser(call)) };
}

function remove(call: Call): object {
  const { state, query } = call;
  const user = requiredUser(call);
  const devices = state.devices.get(user) ?? [];
  const left = devices.filter((one) => one.id !== query['id']);
  if (left.length === devices.length) throw notFound(`device ${query['id'] ?? ''} not found`);
  if (left.length === 0) state.devices.delete(user);
  else state.devices.set(user, left);
  return {};
}

/** A user's devices as every answer shows them. */
export function deviceAnswers(state: State, user: string): readonly JsonObject[] {
  return (state.devices.get(user) ?? []).map((device) => ({
    ...device,
    user_id: user,
    created_at: timeText(device.created_at),
  }));
}
