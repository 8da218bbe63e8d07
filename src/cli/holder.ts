import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Holder } from '../index.ts';
import type { Io } from './io.ts';

/** This run, as others see it while it holds an app. */
export function thisHolder({ now }: Pick<Io, 'now'>): Holder {
  return {
    token: randomBytes(8).toString('hex'),
    host: hostname()
      .toLowerCase()
      .replace(/[^a-z0-9.-]/g, '-')
      .slice(0, 30),
    machine: machine(),
    process: process.pid,
    since: new Date(now()).toISOString(),
  };
}

/** True for a process of this machine that is not there any more; of others nobody here can know. */
export function isGone({ machine: where, process: id }: Holder): boolean {
  if (where === '' || where !== machine() || !Number.isInteger(id) || id <= 0) return false;
  try {
    process.kill(id, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

/** Names this machine since it was started, and the container that has these process numbers; nothing where that is unknown. */
function machine(): string {
  try {
    const parts = [
      readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'),
      readlinkSync('/proc/self/ns/pid'),
    ];
    return createHash('sha256').update(parts.join()).digest('hex').slice(0, 16);
  } catch {
    return '';
  }
}
