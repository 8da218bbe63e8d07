import type { Registry } from '../model/kind.ts';
import type { Resource } from '../model/resource.ts';
import { isUnset, type JsonSchema } from '../model/schema.ts';
import { alternatives, below, isSensitive, withoutUserinfo } from './mask.ts';

/**
 * Takes out of a text whatever is secret in these resources: Stream's refusals may repeat what was sent, in a form of
 * their own. What is too short to be a secret stays, or it would be taken out of ordinary words.
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
  const forms = [...secrets].flatMap(formsOf).filter((form) => form.length >= shortestSecret);
  const longestFirst = [...new Set(forms)].sort((one, other) => other.length - one.length);
  return (text) => {
    let shown = withoutUserinfo(text);
    for (const form of longestFirst) shown = shown.replaceAll(form, '***');
    return shown;
  };
}

const shortestSecret = 4;

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

/** What stands between the colon and the `@` of a URL, and all of it where there is no colon: a token. */
function passwordsOf(text: string): readonly string[] {
  const [, userinfo = ''] = /(?<![/\\])[/\\]{2,}([^/?#\\]*)@/.exec(text) ?? [];
  const colon = userinfo.indexOf(':');
  return userinfo === '' ? [] : [userinfo, colon === -1 ? userinfo : userinfo.slice(colon + 1)];
}

/** A secret as it is, decoded, encoded for a URL, and inside JSON. */
function formsOf(secret: string): readonly string[] {
  let decoded = secret;
  try {
    decoded = decodeURIComponent(secret);
  } catch {
    // A lone `%` is only itself.
  }
  return [secret, decoded].flatMap((form) => [
    form,
    encodeURIComponent(form),
    JSON.stringify(form).slice(1, -1),
  ]);
}
