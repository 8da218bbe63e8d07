/** What YAML 1.2's core schema makes of an unquoted scalar. */
export type CoreValue =
  | { readonly type: 'null' }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'number'; readonly value: number }
  /** A number in form that JavaScript or JSON cannot hold as it is written. */
  | { readonly type: 'bad-number' }
  | { readonly type: 'text' };

/** Reads an unquoted scalar as YAML 1.2's core schema does, except that it never rounds a number in silence. */
export function coreValue(text: string): CoreValue {
  switch (text) {
    case '':
    case '~':
    case 'null':
    case 'Null':
    case 'NULL':
      return missing;
    case 'true':
    case 'True':
    case 'TRUE':
      return yes;
    case 'false':
    case 'False':
    case 'FALSE':
      return no;
    default:
      return maybeNumber.test(text) ? numberOf(text) : plainText;
  }
}

const missing: CoreValue = { type: 'null' };
const yes: CoreValue = { type: 'boolean', value: true };
const no: CoreValue = { type: 'boolean', value: false };
const plainText: CoreValue = { type: 'text' };
const badNumber: CoreValue = { type: 'bad-number' };

const maybeNumber = /^[-+.]?[\d.iInN]/;
const integer = /^(?:[-+]?\d+|0o[0-7]+|0x[\da-fA-F]+)$/;
const float = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const notFinite = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

function numberOf(text: string): CoreValue {
  if (integer.test(text)) {
    const value = Number(text);
    return Number.isSafeInteger(value) ? number(value) : badNumber;
  }
  if (float.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) && digits(text) === digits(String(value)) ? number(value) : badNumber;
  }
  return notFinite.test(text) ? badNumber : plainText;
}

function number(value: number): CoreValue {
  return { type: 'number', value: value === 0 ? 0 : value };
}

/** The digits that count and their power of ten, so that two spellings of a number can be compared. */
function digits(text: string): string {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().replace(/^[-+]/, '').split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const all = (whole + fraction).replace(/^0+/, '');
  const significant = all.replace(/0+$/, '');
  if (significant === '') return '0';
  return `${significant}e${Number(exponent) - fraction.length + (all.length - significant.length)}`;
}
