/** What the process says to whoever started it; scripts depend on every number. */
export const exitCodes = {
  done: 0,
  /** An error, or the question was declined; for `apply`: no write was sent. */
  failed: 1,
  /** `drift`; `plan` only with `--detailed-exitcode`. */
  changes: 2,
  /** `can`: the answer is no. */
  no: 2,
  /** The manifests are invalid, references to what the live app does not have included. */
  invalid: 3,
  /** Wrong app, protected object, unapproved loss, policy, failed expectation. */
  blocked: 4,
  /** The app is not what the plan says any more; nothing was written. */
  stale: 5,
  /** Some write was sent, and not all are done. */
  partly: 6,
  /** Everything was written, and a second plan is not known to be empty. */
  notConverged: 7,
  usage: 64,
  interrupted: 130,
} as const;

/** One of these numbers. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
