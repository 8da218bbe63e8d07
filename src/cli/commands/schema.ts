import { readFile } from 'node:fs/promises';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import type { SchemaInvocation } from '../invocation.ts';
import type { Io } from '../io.ts';

/** Prints one of the schemas that the package publishes, byte for byte. */
export async function schemaCommand({ which }: SchemaInvocation, io: Io): Promise<ExitCode> {
  io.stdout.write(await readFile(new URL(`../../../schema/${which}.schema.json`, import.meta.url), 'utf8'));
  return exitCodes.done;
}
