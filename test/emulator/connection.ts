import { StreamChat } from 'stream-chat';
import { afterEach } from 'vitest';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/emulator/index.ts';

const running: Emulator[] = [];

afterEach(async () => {
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
  return (await client[method](client.baseURL + path, data as never)) as Record<string, unknown>;
}
