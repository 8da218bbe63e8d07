/** Texts that follow a command's options in its help, so that nobody has to look elsewhere for a first success. */

const exitCodes = `
Exit codes:
  0    done                              5   the app moved since the plan
  1    an error, or the answer was no    6   applied in part
  2    drift; plan --detailed-exitcode   7   written, but a second plan is not empty
  3    the manifests are invalid         64  wrong usage
  4    blocked: app, loss, policy, test  130 interrupted`;

const credentials = `
Credentials come from the environment:
  STREAM_API_KEY, STREAM_API_SECRET      of the app, from its dashboard
  STREAM_BASE_URL                        only for another address than the real service's`;

/** Follows the list of commands. */
export const programHelp = `${credentials}

Without an account, add --target emulator: a local stand-in answers instead of Stream.
${exitCodes}

Examples:
  $ streambed validate stream/*.yaml                  check the files, without any app
  $ streambed plan stream/*.yaml                      show what an apply would change
  $ streambed apply stream/*.yaml                     change it, after a question
  $ streambed drift stream/*.yaml                     tell whether the app still is so
  $ streambed plan --target emulator stream/*.yaml    try it out, without an account`;

/** Follows the options of `validate`. */
export const validateHelp = `
Reads the manifests and checks them without any app: syntax, names, types, limits and references.
What only the live app can confirm is a warning here and an error in a plan.

Examples:
  $ streambed validate app.yaml types/support.yaml
  $ generate-manifests | streambed validate -
  $ streambed validate --format json app.yaml | jq '.diagnostics[]'`;

/** Follows the options of `plan`. */
export const planHelp = `
Compares the manifests with the live app and shows what an apply would change. Sends no write.
${credentials}

Examples:
  $ streambed plan stream/*.yaml
  $ streambed plan -e production                      what streambed.yaml says, with its rules
  $ streambed plan --app 1699146 stream/*.yaml        refuse any other app
  $ streambed plan --detailed-exitcode app.yaml       exit with 2 when something differs
  $ streambed plan --format json app.yaml | jq .summary
  $ streambed plan --base origin/main                 mark what this branch asks for
  $ streambed plan --out plan.json                    save it for review and for apply
  $ streambed plan --live base --base origin/main     without an app or a key, as for forks
  $ streambed plan --format markdown app.yaml > plan.md    a comment for the pull request
  $ streambed plan --format html app.yaml > plan.html      one file for a browser
  $ streambed plan --format github app.yaml           annotations and a summary, in GitHub Actions
  $ streambed plan --target emulator app.yaml         against a local stand-in`;

/** Follows the options of `drift`. */
export const driftHelp = `
Compares the manifests with the live app, as a scheduled check does: 0 when the app is what they say, 2 when it
is not, 1 when nobody knows. Sends no write. Tests under expect: in streambed.yaml run against the live app.
With refs/streambed/applied/APP_ID in the repository, changes that were merged and never applied are told apart.
${credentials}

Examples:
  $ streambed drift stream/*.yaml
  $ streambed drift -e production --format github`;

/** Follows the options of `apply`. */
export const applyHelp = `
Plans, asks, and makes the app what the manifests say; then reads it again to see that it is.
What would be lost needs approval: a line under removed: in a manifest, or --allow-destroy KIND=N with N at
least the number of losses. A refusal prints the flags that it needs.
${credentials}

Before the first write, what is there goes to a journal in .streambed/applies: see streambed status and
streambed rollback. While it works, it holds the app by a block list called streambed-lock, so that two applies
never mix.

A saved plan is not obeyed but held against a new one: apply plan.json goes on only when the manifests and the
live app still give the same plan, and approves the losses that were reviewed with it.

Examples:
  $ streambed apply stream/*.yaml
  $ streambed apply plan.json                         what plan --out saved
  $ streambed apply --yes stream/*.yaml               without a question, as in CI
  $ streambed apply --allow-destroy member=3 cases.yaml
  $ streambed apply --journal journal app.yaml        keep the journal where CI can pick it up
  $ streambed apply --quota 50% stream/*.yaml         leave the app half of Stream's limits
  $ streambed apply --send-write-only app_settings app.yaml
  $ streambed apply --target emulator --yes app.yaml`;

/** Follows the options of `rollback`. */
export const rollbackHelp = `
Plans the way back from an apply, asks, and goes it: every value that the apply changed gets its earlier value
again where the app still has what the apply left. What somebody changed since stays, and is listed. Taking away
what the apply made is a loss, and needs --allow-destroy. Users and channels that were deleted, secrets, and values
that Stream never tells or cannot clear do not come back. The rules of the environment hold, when the apply was to
one. The rollback writes a journal of its own.
${credentials}

Examples:
  $ streambed rollback --dry-run .streambed/applies/20261121T140005Z-1699146.jsonl
  $ streambed rollback .streambed/applies/20261121T140005Z-1699146.jsonl
  $ streambed rollback --yes --allow-destroy channel=1 .streambed/applies/20261121T140005Z-1699146.jsonl`;

/** Follows the options of `status`, which needs no app. */
export const statusHelp = `
Reads the journal of an apply and tells on one screen what was done, what was not, whether the app is narrower or
wider than before, and what to type next. Asks no app.

Examples:
  $ streambed status .streambed/applies/20261121T140005Z-1699146.jsonl
  $ streambed status --format json .streambed/applies/20261121T140005Z-1699146.jsonl | jq .objects`;

/** Follows the options of `can`, whose exit codes are its own. */
export const canHelp = `
Asks the live app whether a user may do something, and says by which grant. Sends no write. A plain id is about
everybody's messages, x-owner about their own, x-any-team about other teams. What else stops them, such as a
frozen channel or a feature that is off, is said beside it.
Exit codes: 0 for yes, 2 for no and for only their own, 1 for an error or when it cannot be told.
${credentials}

Examples:
  $ streambed can buyer-1001 create-message support:case-48213
  $ streambed can buyer-1001 delete-message-owner support:case-48213
  $ streambed can buyer-1001 search-user              in the app
  $ streambed can --format json agent-lena ban-user support:case-48213 | jq .because`;

/** Follows the options of `comment`, which needs no app. */
export const commentHelp = `
Keeps one comment for each report up to date on a pull request: it finds its own, by its author and its hidden
first line, and changes nothing when the text is the same. It needs no key of Stream's, and the job that runs
it should hold none. The environment, as GitHub Actions sets it:
  GITHUB_TOKEN                           of a job with: permissions: pull-requests: write
  GITHUB_REPOSITORY                      owner/name
  GITHUB_EVENT_PATH, GITHUB_API_URL      the pull request and the API, unless it is another one
Exit codes: 0 for a comment that says what the report says, 1 when GitHub refused, 3 for a file that is no report.

Examples:
  $ streambed comment --github production.json staging.json
  $ streambed comment --github --pull-request 7 --author acme-bot report.json
  $ streambed comment --github --dry-run - < report.json`;

/** Follows the options of `emulator`. */
export const emulatorHelp = `
A local Stream app for tests and for trying things out. It listens on this machine only, with a new random
key and secret at each start. With a command after --, it runs that command with STREAM_API_KEY,
STREAM_API_SECRET and STREAM_BASE_URL set, ends with it and passes its exit code on. Alone, it prints these
three as export lines and serves until it is interrupted.

A fault is an object like {"operation": "UpdateApp", "kind": "reset-after", "times": 1}. Kinds are status,
rate-limit, reset-before, reset-after, timeout-before, timeout-after, truncate, html, delay, not-json-429,
stale.

Examples:
  $ streambed emulator -- npm test
  $ streambed emulator --folder .streambed/app -- streambed apply --yes app.yaml
  $ streambed emulator --write-env .env.stream &        write the file once it answers
  $ set -a; . ./.env.stream; set +a                     read it into this shell
  $ streambed emulator --faults faults.json -- streambed apply --yes app.yaml`;

/** Follows the options of `schema`. */
export const schemaHelp = `
Prints a JSON Schema: of manifests and of streambed.yaml, for editors and generators, or of what plan
--format json prints.

Examples:
  $ streambed schema manifest > manifest.schema.json
  $ streambed schema plan | jq .required`;
