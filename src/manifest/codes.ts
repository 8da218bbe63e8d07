/** Every code that reading manifests can give, and what it means. Codes never change their meaning. */
export const manifestCodes = {
  'alias-bomb': 'Aliases repeat so much content that reading it all would exhaust the machine.',
  'bad-format': 'A text does not have the form that is expected of it.',
  'bad-key': 'A key of a map cannot name what it should name.',
  'bad-lifecycle': 'A lifecycle block names something that the object does not have.',
  'bad-number': 'A number cannot be held as it is written.',
  'bad-removal': 'A line of `removed:` asks for something that cannot be removed, or names nothing.',
  'cut-off-by-comment': 'A `#` ends a text that seems to go on.',
  'declared-and-removed': 'An object is declared and its removal is asked for.',
  duplicate: 'The same key, setting or element is given twice.',
  'duplicate-object': 'Two declarations are about the same object.',
  'file-not-found': 'A path that was named does not exist.',
  'file-not-readable': 'A file or folder cannot be read.',
  'file-not-utf8': 'A file is not UTF-8 text.',
  'file-too-large': 'A file is larger than a manifest may be.',
  'file-twice': 'A file was named twice; it is read once.',
  'foreign-tag': 'A YAML tag means nothing here: often a name that begins with `!` and needs quotes.',
  'missing-field': 'A field that is needed is not there.',
  'no-manifests': 'There is nothing to read.',
  'no-value': 'A key has no value, or `null`.',
  'not-one-of': 'A word is not one of those that are possible.',
  'out-of-range': 'A number, or the size of a list, is outside its limits.',
  'section-not-supported': 'A later version will manage this section.',
  'too-long': 'A text is too long or too short.',
  'unknown-alias': 'An alias has no anchor before it, or contains itself.',
  'unknown-field': 'There is no such field here.',
  'unknown-section': 'There is no such section.',
  'wrong-type': 'A value is of another type than is expected.',
  'yaml-syntax': 'The text is not YAML.',
} as const satisfies Readonly<Record<string, string>>;

/** One of the codes that reading manifests can give. */
export type ManifestCode = keyof typeof manifestCodes;
