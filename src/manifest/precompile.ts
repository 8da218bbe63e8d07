import type { Registry } from '../model/kind.ts';
import { compiledSource } from './compiler.ts';
import { schemasOf } from './parts.ts';

/**
 * The source of an ES module that does what validator.ts does for this registry, without ajv's compiler: a build
 * writes it over dist/manifest/validator.js. It lies beside raw-issue.js and finds ajv's small helpers as a dependency.
 */
export function precompiledModule(registry: Registry): string {
  const schemas = schemasOf(registry);
  const names = Object.keys(schemas);
  const source = compiledSource(
    Object.fromEntries(names.map((name, index) => [`check${index}`, schemas[name]!])),
  );
  const table = names.map((name, index) => `  [${JSON.stringify(name)}, check${index}],`);
  return `${[
    // Compiled code calls require for these helpers, also when it is written as an ES module.
    "import { createRequire } from 'node:module';",
    "import { rawIssues } from './raw-issue.js';",
    'const require = createRequire(import.meta.url);',
    source.replace(/^"use strict";/, ''),
    `const checks = new Map([\n${table.join('\n')}\n]);`,
    'export function validate(name, value) {',
    '  const check = checks.get(name);',
    '  return check === undefined || check(value) ? [] : rawIssues(check.errors);',
    '}',
  ].join('\n')}\n`;
}
