// @ts-check
// A local Stream in a process of its own, so that its work is not counted as the tool's; it answers for its requests.
import { startEmulator } from '../../dist/emulator/index.js';

const emulator = await startEmulator({ rateLimits: 'none' });
process.on('message', (message) => {
  if (message === 'count') {
    process.send?.({ count: emulator.requests.length });
    emulator.clearRequests();
  } else {
    void emulator.close().then(() => process.disconnect());
  }
});
process.send?.({ url: emulator.url, apiKey: emulator.apiKey, apiSecret: emulator.apiSecret });
