import { tooBig } from './errors.ts';
import type { JsonObject } from './json.ts';

const largestCustomData = 5 * 1024;

/** Refuses more custom data than one user, channel, member or message may hold. */
export function checkCustomSize(custom: JsonObject, what: string): void {
  const size = Buffer.byteLength(JSON.stringify(custom));
  if (size > largestCustomData) {
    throw tooBig(`${what} custom data size ${size} exceeds the maximum of ${largestCustomData} bytes`);
  }
}
