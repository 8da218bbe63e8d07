import { Ajv, type ValidateFunction } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import type { JsonSchema } from '../model/schema.ts';
import { inferred } from './raw-issue.ts';

/** Makes validators with ajv, and is the only file that knows it: all errors at once unless told, annotations ignored. */
export function compile(schema: JsonSchema, errors: 'all' | 'first' = 'all'): ValidateFunction {
  return compiler(false, errors).compile(schema);
}

/** The same validators as the source of a module, exported under the names that they are given here. */
export function compiledSource(schemas: Readonly<Record<string, JsonSchema>>): string {
  const ajv = compiler(true);
  const ids: Record<string, string> = {};
  for (const [name, schema] of Object.entries(schemas)) {
    ids[name] = `urn:streambed:validate:${name}`;
    ajv.addSchema({ ...schema, $id: ids[name] });
  }
  // The package is CommonJS: what node gives as its default export is the module, and the function is in it.
  const write = standalone as unknown as typeof standalone.default;
  return write(ajv, ids);
}

function compiler(source: boolean, errors: 'all' | 'first' = 'all'): Ajv {
  const ajv = new Ajv({
    allErrors: errors === 'all',
    allowUnionTypes: true,
    strict: false,
    validateSchema: false,
    addUsedSchema: false,
    code: { source, esm: true },
  });
  // A macro, so that compiled code needs nothing at run time.
  ajv.addKeyword({ keyword: inferred, macro: (schema: JsonSchema) => schema });
  return ajv;
}
