import { exitCodes, type ExitCode } from '../exit-codes.ts';
import type { SchemaInvocation } from '../invocation.ts';
import type { Io } from '../io.ts';

/** Prints one of the schemas that the package publishes. */
export async function schemaCommand({ which }: SchemaInvocation, io: Io): Promise<ExitCode> {
  const { schemas } = await import('../../index.ts');
  io.stdout.write(`${JSON.stringify(schemas[which](), null, 2)}\n`);
  return exitCodes.done;
}
