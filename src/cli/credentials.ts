import type { Io } from './io.ts';
import { usageStop } from './stop.ts';

/** What the environment says about the app to talk to. */
export interface Credentials {
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly baseUrl?: string;
}

/** Reads the three variables; ends the command when one is missing, since every other app would be the wrong one. */
export function credentialsIn(env: Io['env']): Credentials {
  const apiKey = env['STREAM_API_KEY'] ?? '';
  const apiSecret = env['STREAM_API_SECRET'] ?? '';
  const baseUrl = env['STREAM_BASE_URL'] ?? '';
  const missing = [apiKey === '' ? 'STREAM_API_KEY' : [], apiSecret === '' ? 'STREAM_API_SECRET' : []].flat();
  if (missing.length > 0) {
    throw usageStop(
      'missing-credentials',
      `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not set`,
      "Set both to the values on the app's page in Stream's dashboard, or try it without an account: --target emulator",
    );
  }
  return { apiKey, apiSecret, ...(baseUrl === '' ? {} : { baseUrl }) };
}
