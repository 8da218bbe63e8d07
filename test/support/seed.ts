import fc from 'fast-check';

/**
 * Properties see the same cases at every run, so that a red build is the change's own doing. To explore others:
 * `FC_SEED=random npx vitest run test/properties`, or the seed that a failure printed.
 */
const seed = process.env['FC_SEED'] ?? '20261121';
if (seed !== 'random') fc.configureGlobal({ seed: Number(seed) });
