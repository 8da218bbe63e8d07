import type { YAMLParseError, YAMLWarning } from 'yaml';
import { placeText, type Diagnostic, type SourceSpan } from '../model/diagnostic.ts';
import { problem } from './problem.ts';
import { spanOf, type Source } from './source.ts';
import { placeOf, type ScalarNode } from './tree.ts';

/** What the YAML parser found wrong, in words that say what to do. Its warnings are errors too. */
export function syntaxProblem(source: Source, error: YAMLParseError | YAMLWarning): Diagnostic {
  const [start, end] = error.pos;
  const written = source.text.slice(start, end);
  const at = spanOf(source, start, end);
  if (error.code === 'TAG_RESOLVE_FAILED' || error.code === 'BAD_COLLECTION_TYPE') {
    return problem(
      'foreign-tag',
      at,
      // Not repeated: a password may begin with `!`, and nobody knows yet which field this is.
      'YAML reads this as a tag, and there is none of this name here',
      written.startsWith('!!')
        ? 'Leave the tag out: the type follows from the field. Quote the value if it is a text.'
        : "Quote the text that begins with `!`: '!…'.",
    );
  }
  const { message, help } = wording(error, written);
  return problem('yaml-syntax', at, message, help);
}

function wording(
  error: YAMLParseError | YAMLWarning,
  written: string,
): { readonly message: string; readonly help: string } {
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return {
        message: 'a tab indents this line',
        help: 'Indent with spaces: YAML does not allow tabs there.',
      };
    case 'BAD_INDENT':
      if (/^flow/i.test(error.message)) {
        return {
          message: 'a `{` or `[` before this is never closed',
          help: 'Close it; quote texts that contain ` #`, because YAML reads the rest of such a line as a comment.',
        };
      }
      return {
        message: 'this line is indented differently from its neighbours',
        help: 'Give the lines of one block the same indentation, and close every bracket.',
      };
    case 'BLOCK_AS_IMPLICIT_KEY':
      return {
        message: 'a second `: ` in one line, or a line indented too far',
        help: "Quote the text if it contains `: `, as in 'a: b'; otherwise start the inner map on its own line.",
      };
    case 'BLOCK_IN_FLOW':
      return {
        message: 'an indented block inside brackets',
        help: 'Write it inside the brackets: {a: b} or [a, b].',
      };
    case 'BAD_DQ_ESCAPE':
      return {
        message: 'not an escape that double quotes know',
        help: String.raw`Use single quotes to keep backslashes as they are, or write \\ for one.`,
      };
    case 'BAD_SCALAR_START':
      return {
        message: `a text cannot begin with \`${written}\` unless it is quoted`,
        help: "Put the whole text in quotes: '…'.",
      };
    case 'KEY_OVER_1024_CHARS':
      return {
        message: 'a key longer than 1024 characters',
        help: 'Write the key after `? ` or make it shorter.',
      };
    case 'MULTILINE_IMPLICIT_KEY':
      return {
        message: 'a key that goes over several lines',
        help: 'Write the key and its `:` on one line, and indent what belongs together equally.',
      };
    case 'MISSING_CHAR':
      return missing(error.message);
    case 'BAD_ALIAS':
      return { message: 'an alias or anchor without a proper name', help: "Quote it if it is a text: '*…'." };
    case 'ALIAS_PROPS':
      return { message: 'an alias with an anchor or tag of its own', help: 'Leave the anchor or tag out.' };
    case 'MULTIPLE_ANCHORS':
    case 'MULTIPLE_TAGS':
      return { message: 'two anchors or two tags on one value', help: 'Keep one of them.' };
    case 'BAD_PROP_ORDER':
      return { message: 'an anchor or tag in the wrong place', help: 'Write it right before its value.' };
    case 'BAD_DIRECTIVE':
      return {
        message: 'a directive that YAML 1.2 does not know',
        help: "Remove the line, or quote a text that begins with '%'.",
      };
    case 'RESOURCE_EXHAUSTION':
      return {
        message: 'nested too deep to be read',
        help: 'No manifest needs this many levels: look for brackets that are never closed.',
      };
    default:
      return {
        // After a colon the package repeats what is written, which may be a secret.
        message: `something that does not belong here: ${lowerFirst(error.message.replace(/: [^]*$/, ''))}`,
        help: 'Check quotes, brackets and indentation in this line and the one before it.',
      };
  }
}

function missing(message: string): { readonly message: string; readonly help: string } {
  if (/closing/i.test(message))
    return {
      message: 'a quote that is never closed',
      help: 'Close the quote, or quote the text with the other kind.',
    };
  if (/implicit map keys?/i.test(message)) {
    return { message: 'a key without `:` after it', help: 'Write `key: value`, with a space after the `:`.' };
  }
  if (/block sequence|newline/i.test(message)) {
    return { message: 'a line break is missing here', help: 'Start the block on its own line.' };
  }
  return {
    message: `something is missing: ${lowerFirst(message)}`,
    help: 'Check quotes, brackets and commas in this line and the one before it.',
  };
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

/** Two keys with the same text, at the second. */
export function repeatedKey(first: ScalarNode, again: ScalarNode): Diagnostic {
  const where = placeText(placeOf(first));
  return first.text === '<<'
    ? problem(
        'duplicate',
        placeOf(again),
        `a second \`<<\` in this map; the first is at ${where}`,
        'Merge several maps in one line: `<<: [*one, *two]`.',
      )
    : problem(
        'duplicate',
        placeOf(again),
        `the key \`${again.text}\` is here twice; the first is at ${where}`,
        'Keep one of the two lines.',
      );
}

/** The problem of an alias that stands for nothing yet; `open` when it is inside its own anchor. */
export function unknownAlias(at: SourceSpan, name: string, open: boolean): Diagnostic {
  return problem(
    'unknown-alias',
    at,
    open ? `\`*${name}\` contains itself` : 'there is no anchor of this name before this alias',
    open
      ? 'Write the value out instead.'
      : `Quote it if it is a text: '*…'. An alias needs its anchor earlier in the same document.`,
  );
}

/** The problem of `!unset` with something after it. */
export function unsetWithValue(at: SourceSpan): Diagnostic {
  return problem(
    'foreign-tag',
    at,
    '`!unset` stands alone, without a value after it',
    'Take the value away to clear the field, or `!unset` to set it.',
  );
}

/** The problem of more levels than can be read. */
export function tooDeep(source: Source, start: number, deepest: number): Diagnostic {
  return problem(
    'yaml-syntax',
    spanOf(source, start, start),
    `nested deeper than ${deepest} levels`,
    'No manifest needs this many levels: look for brackets that are never closed.',
  );
}

/** The problem of a text on which the parser itself failed. */
export function unreadable(source: Source, error: unknown): Diagnostic {
  const why = error instanceof Error ? error.message : String(error);
  return problem(
    'yaml-syntax',
    spanOf(source, 0, 0),
    `not readable as YAML: ${why}`,
    'Check the text with another YAML tool.',
  );
}
