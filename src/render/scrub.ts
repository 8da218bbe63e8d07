import { hiderOf } from '../model/hidden.ts';
import type { Registry } from '../model/kind.ts';
import type { Resource } from '../model/resource.ts';
import { isUnset, type JsonSchema } from '../model/schema.ts';
import { alternatives, below, isSensitive, withoutUserinfo } from './mask.ts';

/**
 * Takes out of a text whatever is secret in these resources: Stream's refusals may repeat what was sent, in a form of
 * their own.
 */
export function scrubberFor(
  resources: readonly Pick<Resource, 'declared' | 'kind'>[],
  registry: Registry,
): (text: string) => string {
  const secrets = new Set<string>();
  for (const { declared, kind } of resources) {
    const schema = registry.kinds.find(({ name }) => name === kind)?.schema;
    collectSecrets(declared, schema === undefined ? [] : alternatives(schema, schema), schema ?? {}, secrets);
  }
  const hide = hiderOf(secrets, '***');
  // A part of a secret may look like a URL, and what is left of it then would not be recognized.
  return (text) => withoutUserinfo(hide(text));
}

function collectSecrets(
  value: unknown,
  schemas: readonly JsonSchema[],
  root: JsonSchema,
  secrets: Set<string>,
  secret = false,
): void {
  const hidden = secret || schemas.some(isSensitive);
  if (typeof value === 'object' && value !== null) {
    if (isUnset(value)) return;
    for (const [step, child] of Object.entries(value)) {
      const next = schemas.flatMap((schema) => below(root, schema, step));
      collectSecrets(child, next, root, secrets, hidden);
    }
  } else if (hidden && typeof value !== 'boolean') secrets.add(String(value));
  else if (typeof value === 'string') for (const password of passwordsOf(value)) secrets.add(password);
}

/**
 * What stands between the colon and the `@` of every URL, and all of it where there is no colon: a token. As written
 * and decoded, and up to a space too: prose may go on behind the URL.
 */
function passwordsOf(text: string): readonly string[] {
  const found = ['[^/?#\\\\]*', '[^\\s/?#\\\\]*'].flatMap((userinfo) => [
    ...text.matchAll(new RegExp(`(?<![/\\\\])[/\\\\]{2,}(${userinfo})@`, 'g')),
  ]);
  return found.flatMap(([, userinfo = '']) => {
    const password = userinfo.slice(userinfo.indexOf(':') + 1);
    return [userinfo, decoded(userinfo), password, decoded(password)];
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone `%` is only itself.
    return text;
  }
}
