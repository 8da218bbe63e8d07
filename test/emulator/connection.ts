import { type Event, StreamChat } from 'stream-chat';
import { afterEach } from 'vitest';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/emulator/index.ts';

const running: Emulator[] = [];
const connected: StreamChat[] = [];

afterEach(async () => {
  await Promise.all(connected.splice(0).map((client) => client.disconnectUser(100)));
  await Promise.all(running.splice(0).map((emulator) => emulator.close()));
});

/** An emulator without limits, closed after the test, and the official client talking to it. */
export async function connect(
  options: EmulatorOptions = {},
): Promise<{ emulator: Emulator; client: StreamChat }> {
  const emulator = await startEmulator({ rateLimits: 'none', ...options });
  running.push(emulator);
  return { emulator, client: clientOf(emulator) };
}

/** The unmodified official client. */
export function clientOf(emulator: Emulator, secret = emulator.apiSecret, key = emulator.apiKey): StreamChat {
  return new StreamChat(key, secret, { baseURL: emulator.url, timeout: 2000, disableCache: true });
}

export interface Refusal {
  readonly code: number | undefined;
  readonly status: number | undefined;
  readonly message: string;
}

/** What a call was refused with; fails when it was not refused. */
export async function refusal(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call;
  } catch (error) {
    const { code, status, message } = error as Refusal;
    return { code, status, message };
  }
  throw new Error('the call was not refused');
}

/** The JSON answer of a raw GET, POST, … by the client. */
export async function raw(
  client: StreamChat,
  method: 'get' | 'post' | 'put' | 'patch' | 'delete',
  path: string,
  data: object = {},
) {
  return (await client[method](client.baseURL + path, data)) as Record<string, unknown>;
}

/** The official client as an app has it, without a secret and not connected yet. */
export function deviceOf(emulator: Emulator): StreamChat {
  const device = new StreamChat(emulator.apiKey, {
    baseURL: emulator.url,
    timeout: 2000,
    allowServerSideConnect: true,
  });
  connected.push(device);
  return device;
}

/** A user's own client, connected over a WebSocket; disconnected after the test. */
export async function signIn(emulator: Emulator, server: StreamChat, id: string, details: object = {}) {
  const device = deviceOf(emulator);
  await device.connectUser({ id, ...details }, server.createToken(id));
  return device;
}

/** The next event of a type that reaches a client; fails when none comes soon. */
export function next(client: StreamChat, type: string, where: (event: Event) => boolean = () => true) {
  return new Promise<Event>((resolve, reject) => {
    const timer = setTimeout(() => {
      unsubscribe();
      reject(new Error(`no ${type} came`));
    }, 1500);
    const { unsubscribe } = client.on((event) => {
      if (event.type !== type || !where(event)) return;
      clearTimeout(timer);
      unsubscribe();
      resolve(event);
    });
  });
}
