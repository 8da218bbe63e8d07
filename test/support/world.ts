import { startEmulator, type Emulator, type EmulatorOptions } from '../../src/emulator/index.ts';
import { registry } from '../../src/kinds/registry.ts';
import { loadManifest } from '../../src/manifest/load.ts';
import { hasErrors, type Diagnostic } from '../../src/model/diagnostic.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Manifest } from '../../src/model/resource.ts';
import { applyPlan, type ApplyOptions, type ApplyResult } from '../../src/reconcile/apply.ts';
import { makePlan, type PlanOptions } from '../../src/reconcile/plan.ts';
import { systemClock, type Clock } from '../../src/stream/clock.ts';
import { connect, type ConnectOptions, type Connection } from '../../src/stream/connect.ts';

/** A local Stream with an app of its own, and a connection to it. */
export interface TestApp {
  readonly emulator: Emulator;
  readonly connection: Connection;
  /** Plans manifests given as text; invalid ones fail the test. */
  plan(yaml: string, options?: PlanOptions): Promise<Plan>;
  /** Plans and applies; what is planned must be possible. */
  apply(yaml: string, options?: ApplyOptions & PlanOptions): Promise<ApplyResult & { readonly plan: Plan }>;
  /** Another connection to the same app. */
  connect(options?: Partial<ConnectOptions>): Promise<Connection>;
  close(): Promise<void>;
}

/** Starts a local Stream without rate limits, unless the options say otherwise. */
export async function testApp(options: EmulatorOptions = {}): Promise<TestApp> {
  const emulator = await startEmulator({
    rateLimits: 'none',
    app: { id: 1699146, name: 'Acme Chat' },
    ...options,
  });
  const connectAgain = (more: Partial<ConnectOptions> = {}): Promise<Connection> =>
    connect({
      apiKey: emulator.apiKey,
      apiSecret: emulator.apiSecret,
      baseUrl: emulator.url,
      clock: hurried,
      ...more,
    });
  const connection = await connectAgain();
  const plan: TestApp['plan'] = (yaml, planOptions) =>
    makePlan(manifestOf(yaml), registry, connection.reader, planOptions);
  return {
    emulator,
    connection,
    plan,
    connect: connectAgain,
    async apply(yaml, applyOptions = {}) {
      const planned = await plan(yaml, applyOptions);
      if (hasErrors(planned.diagnostics)) throw new Error(wordsOf(planned.diagnostics));
      return { ...(await applyPlan(planned, registry, connection, applyOptions)), plan: planned };
    },
    async close() {
      connection.close();
      await emulator.close();
    },
  };
}

/** A clock whose waits are twenty times shorter than asked for, so that tests of waiting do not wait. */
const hurried: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / 20, signal),
};

/** The manifest of a text that must be valid. */
export function manifestOf(yaml: string, file = 'manifest.yaml'): Manifest {
  const { value, diagnostics } = loadManifest([{ file, text: yaml }], registry);
  if (hasErrors(diagnostics)) throw new Error(wordsOf(diagnostics));
  return value;
}

/** Diagnostics as one text, for messages of failing tests and for short expectations. */
export function wordsOf(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .map(
      ({ severity, code, message, at }) =>
        `${severity}[${code}] ${at?.file}:${at?.line}:${at?.column} ${message}`,
    )
    .join('\n');
}

/** What a plan would do, a line a difference: `~ channel_type/support reactions: true → false`. */
export function linesOf(plan: Plan): readonly string[] {
  return plan.changes.flatMap((change) => {
    if (change.action === 'keep') return [];
    const sign = { create: '+', update: '~', delete: '-' }[change.action];
    const fields = change.fields.map((field) => {
      const path = field.path.join('.');
      switch (field.op) {
        case 'add':
          return `${path}: ${text(field.after)}`;
        case 'remove':
          return `${path}: ${text(field.before)} → nothing`;
        case 'set':
          return `${path}: ${text(field.before)} → ${text(field.after)}`;
        case 'elements':
          return `${path}: ${[...field.removed.map(({ name }) => `-${name}`), ...field.added.map(({ name }) => `+${name}`)].join(' ')}`;
      }
    });
    return fields.length === 0
      ? [`${sign} ${change.address}`]
      : fields.map((field) => `${sign} ${change.address} ${field}`);
  });
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The writes that the local Stream was asked for: method, path and body. */
export function writesOf(emulator: Emulator): readonly { readonly call: string; readonly body: unknown }[] {
  return emulator.requests
    .filter(({ method, operation }) => method !== 'GET' && operation !== 'QueryChannels')
    .map(({ method, path, body }) => ({ call: `${method} ${path}`, body }));
}
