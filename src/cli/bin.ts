#!/usr/bin/env node
import { exitCodes } from './exit-codes.ts';
import { processIo } from './io.ts';
import { main } from './main.ts';

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    // The first one lets requests finish that are under way; who asks twice does not want to wait.
    if (stop.signal.aborted) process.exit(exitCodes.interrupted);
    stop.abort(name);
  });
}
process.exitCode = await main(process.argv, processIo(stop.signal));
