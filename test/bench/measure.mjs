// @ts-check
// Loaded into a measured process: leaves what it used, in a file, when it ends.
import { writeFileSync } from 'node:fs';

const file = process.env['BENCH_USAGE'];
process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  if (file !== undefined)
    writeFileSync(file, JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1000, maxRSS }));
});
