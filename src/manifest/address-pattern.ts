import type { Diagnostic } from '../model/diagnostic.ts';
import type { Registry } from '../model/kind.ts';
import { nearest } from '../model/nearest.ts';
import { problem } from './problem.ts';
import { placeOf, type ScalarNode } from './tree.ts';
import { listed } from './wording.ts';

/** Each is looked for in every address of a plan. */
const mostStars = 8;

/**
 * The addresses that a text means, in which `*` stands for any characters; undefined and a problem when no object can
 * have one of them. The one object of its kind may be named without its key, as plans name it.
 */
export function patternOf(
  written: ScalarNode,
  registry: Registry,
  diagnostics: Diagnostic[],
): string | undefined {
  const { text } = written;
  if (text.split('*').length > mostStars + 1) {
    const message = `\`${text.slice(0, 40)}…\` has more than ${mostStars} stars`;
    diagnostics.push(problem('bad-pattern', placeOf(written), message, 'Write several patterns instead.'));
    return undefined;
  }
  const slash = text.indexOf('/');
  const kind = slash === -1 ? text : text.slice(0, slash);
  const known = registry.kinds.find(({ name }) => name === kind);
  if (slash === -1 && known?.layout === 'one') return `${text}/*`;
  if (kind.includes('*') || (known !== undefined && slash !== -1 && slash < text.length - 1)) return text;
  const names = registry.kinds.map(({ name }) => name);
  const meant = nearest(kind, names);
  const rest = slash === -1 ? '/*' : text.slice(slash);
  diagnostics.push(
    problem(
      'bad-pattern',
      placeOf(written),
      known === undefined
        ? `\`${text}\` is the address of no object: there is no kind \`${kind}\``
        : `\`${text}\` is the address of no object: the kind comes first, then a slash and the key`,
      known !== undefined
        ? `Write \`${kind}/KEY\`, or \`${kind}/*\` for all of them.`
        : meant !== undefined
          ? `Did you mean \`${meant}${rest}\`?`
          : `Begin with a kind and a slash, as in \`channel_type/support\`; kinds are ${listed(names)}.`,
    ),
  );
  return undefined;
}
