import fc, { type Arbitrary } from 'fast-check';
import { expect } from 'vitest';

/** What has to be written in another way in URLs, JSON, HTML, YAML, Markdown or a shell. */
const awkward = [...'%"\'<>&\\`*_|[](){}$!;:+=~^#@/?,- ', 'ü', '漢', '🔑', '%41', ': ', ' #', '${{', '-->'];

/** A secret that is like no other text, also where its awkward characters are written in another way. */
export const anySecret: Arbitrary<string> = fc
  .tuple(
    fc.stringMatching(/^[0-9A-Za-z]{11}$/),
    fc.array(fc.tuple(fc.constantFrom(...awkward), fc.stringMatching(/^[0-9A-Za-z]{3}$/)), {
      minLength: 3,
      maxLength: 7,
    }),
  )
  .map(([core, pairs]) => core + pairs.flat().join(''));

/** One of many lines, as private keys are. */
export const longSecret: Arbitrary<string> = fc
  .array(anySecret, { minLength: 2, maxLength: 60 })
  .map((lines) => lines.join('\n'));

/** One that takes little room, for texts of limited length. */
export const shortSecret: Arbitrary<string> = fc.stringMatching(/^[0-9A-Za-z]{12}$/);

/** What would tell a secret in a way that is easily undone. */
export function formsOf(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const bytes = Buffer.from(secret);
  return [
    secret,
    encodeURIComponent(secret),
    encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase()),
    json,
    // As Go writes JSON, and as many languages write what is not ASCII.
    json.replace(/[<>&]/g, unicode),
    json.replace(/[^\x20-\x7e]/g, unicode),
    html(secret, '&#39;'),
    html(secret, '&apos;').replaceAll('&quot;', '&#34;'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
  ];
}

function unicode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function html(text: string, apostrophe: string): string {
  const written: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"']/g, (character) => written[character] ?? apostrophe);
}

/** Shorter pieces stand in other texts too. */
const piece = 8;

/** Fails when a text holds a form of one of these secrets, or a piece of one. */
export function expectHidden(texts: Readonly<Record<string, string>>, secrets: readonly string[]): void {
  const pieces = new Map<string, string>();
  for (const secret of secrets) {
    for (const form of formsOf(secret)) {
      for (let start = 0; start + piece <= form.length; start += 1) {
        const part = form.slice(start, start + piece);
        // What is only the way of writing a character stands elsewhere too.
        if (part.replace(/&#?\w*;?|\\u[0-9a-f]{0,4}|%[0-9a-f]{0,2}|\W/gi, '').length >= 4)
          pieces.set(part, secret);
      }
    }
  }
  for (const [where, text] of Object.entries(texts)) {
    for (let start = 0; start + piece <= text.length; start += 1) {
      const secret = pieces.get(text.slice(start, start + piece));
      if (secret === undefined) continue;
      const around = text.slice(Math.max(0, start - 200), start + 100);
      expect.unreachable(`a part of ${JSON.stringify(secret)} is in ${where}: ${around}`);
    }
  }
}
