#!/usr/bin/env node
import { setMaxListeners } from 'node:events';
import { exitCodes } from './exit-codes.ts';
import { processIo } from './io.ts';
import { main } from './main.ts';

const stop = new AbortController();
// Every request that waits listens: many of them are no leak.
setMaxListeners(0, stop.signal);
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    // The first one lets requests finish that are under way; who asks twice does not want to wait.
    if (stop.signal.aborted) process.exit(exitCodes.interrupted);
    stop.abort(name);
  });
}
// A terminal that closes often says so twice, and nobody is there who could have asked for it.
process.on('SIGHUP', () => stop.abort('SIGHUP'));
const io = processIo(stop.signal);
const exitCode = await main(process.argv, io);
process.exitCode = exitCode === exitCodes.done && io.unwritten() ? exitCodes.failed : exitCode;
