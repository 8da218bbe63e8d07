import { inputError } from './errors.ts';
import { type Json, type JsonObject, isObject, sameJson } from './json.ts';
import { parseTime } from './time.ts';

/** One thing a query can filter and sort by. */
export interface Field<T> {
  /** `time` values are microseconds; `list` matches by its items; `custom` takes whatever the user stored. */
  readonly kind: 'string' | 'number' | 'boolean' | 'time' | 'list' | 'custom';
  readonly get: (item: T) => Json | undefined;
  /** True when `$q` and `$autocomplete` work on it. */
  readonly searchable?: boolean;
  readonly operators?: readonly string[];
}

/** Finds the field of a name; throws 400/4 for one that cannot be filtered by. */
export type FieldOf<T> = (name: string) => Field<T>;

type Predicate<T> = (item: T) => boolean;

/** Turns `filter_conditions` into a predicate; throws 400/4 for what the real service would refuse. */
export function compileFilter<T>(filter: JsonObject, fieldOf: FieldOf<T>): Predicate<T> {
  const parts = Object.entries(filter).map(([name, condition]): Predicate<T> => {
    if (name === '$and' || name === '$or' || name === '$nor') return compileGroup(name, condition, fieldOf);
    if (name.startsWith('$')) throw inputError(`operator "${name}" is not supported`);
    return compileField(name, condition, fieldOf(name));
  });
  return (item) => parts.every((part) => part(item));
}

function compileGroup<T>(name: '$and' | '$or' | '$nor', condition: Json, fieldOf: FieldOf<T>): Predicate<T> {
  if (!Array.isArray(condition) || condition.length === 0 || !condition.every(isObject)) {
    throw inputError(`${name} operator needs a list of filters`);
  }
  const parts = condition.map((part: JsonObject) => compileFilter(part, fieldOf));
  if (name === '$and') return (item) => parts.every((part) => part(item));
  return name === '$or'
    ? (item) => parts.some((part) => part(item))
    : (item) => !parts.some((part) => part(item));
}

function compileField<T>(name: string, condition: Json, field: Field<T>): Predicate<T> {
  const operations = isOperations(condition) ? Object.entries(condition) : [['$eq', condition] as const];
  const tests = operations.map(([operator, operand]) => {
    if (field.operators !== undefined && !field.operators.includes(operator)) {
      throw inputError(`operator "${operator}" is not allowed for field "${name}"`);
    }
    return compileOperator(name, operator, operand, field);
  });
  return (item) => {
    const value = field.get(item);
    return tests.every((test) => test(value));
  };
}

function isOperations(condition: Json): condition is JsonObject {
  return (
    isObject(condition) &&
    Object.keys(condition).length > 0 &&
    Object.keys(condition).every((key) => key.startsWith('$'))
  );
}

type ValueTest = (value: Json | undefined) => boolean;

function compileOperator<T>(name: string, operator: string, operand: Json, field: Field<T>): ValueTest {
  switch (operator) {
    case '$eq':
    case '$ne': {
      const equal = compileEqual(name, operand, field);
      return operator === '$eq' ? equal : (value) => !equal(value);
    }
    case '$in':
    case '$nin': {
      const contained = compileIn(name, operand, field);
      return operator === '$in' ? contained : (value) => !contained(value);
    }
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return compileOrder(operator, typed(name, operand, field));
    case '$exists': {
      if (typeof operand !== 'boolean') throw inputError('$exists operator only support boolean values');
      return (value) => isPresent(value) === operand;
    }
    case '$contains':
      return (value) => Array.isArray(value) && value.some((item: Json) => sameJson(item, operand));
    case '$q':
    case '$autocomplete':
      return compileSearch(name, operator, operand, field);
    default:
      throw inputError(`operator "${operator}" is not allowed for field "${name}"`);
  }
}

function isPresent(value: Json | undefined): boolean {
  return value !== undefined && value !== null;
}

function compileEqual<T>(name: string, operand: Json, field: Field<T>): ValueTest {
  if (operand === null) return (value) => !isPresent(value) || (Array.isArray(value) && value.length === 0);
  if (field.kind !== 'list') {
    const wanted = typed(name, operand, field);
    return (value) => sameJson(value, wanted);
  }
  if (!Array.isArray(operand)) {
    const wanted = typed(name, operand, field);
    return (value) => Array.isArray(value) && value.includes(wanted);
  }
  const wanted = new Set(operand.map((item: Json) => typed(name, item, field)));
  return (value) =>
    Array.isArray(value) && value.length === wanted.size && value.every((item: Json) => wanted.has(item));
}

function compileIn<T>(name: string, operand: Json, field: Field<T>): ValueTest {
  if (!Array.isArray(operand)) throw inputError(`$in operator needs a list for field "${name}"`);
  const wanted = new Set(operand.map((item: Json) => typed(name, item, field)));
  const structured = [...wanted].filter((item) => typeof item === 'object');
  return (value) => {
    if (Array.isArray(value) && value.some((item: Json) => wanted.has(item))) return true;
    return value !== undefined && (wanted.has(value) || structured.some((item) => sameJson(item, value)));
  };
}

function compileOrder(operator: '$gt' | '$gte' | '$lt' | '$lte', operand: Json): ValueTest {
  return (value) => {
    if (typeof value !== typeof operand || value === null || operand === null || value === undefined)
      return false;
    const order = compareValues(value, operand);
    if (operator === '$gt') return order > 0;
    if (operator === '$gte') return order >= 0;
    return operator === '$lt' ? order < 0 : order <= 0;
  };
}

function compileSearch<T>(name: string, operator: string, operand: Json, field: Field<T>): ValueTest {
  if (field.searchable !== true)
    throw inputError(`operator "${operator}" is not allowed for field "${name}"`);
  if (typeof operand !== 'string' || operand.trim() === '') {
    throw inputError(
      `${operator} field is empty or contains invalid characters. Please provide a valid string to ${operator.slice(1)}`,
    );
  }
  const words = operand.toLowerCase().split(/\s+/);
  return (value) => {
    if (typeof value !== 'string') return false;
    const stored = value.toLowerCase().split(/[\s_-]+/);
    return words.every(
      (word) => stored.some((one) => one.startsWith(word)) || value.toLowerCase().startsWith(word),
    );
  };
}

const kindNames: Readonly<Record<string, string>> = {
  string: 'string',
  boolean: 'bool',
  number: 'number',
  list: 'string',
};

/** The operand in the field's own type; a time becomes microseconds. */
function typed<T>(name: string, operand: Json, field: Field<T>): Json {
  if (field.kind === 'custom' || operand === null) return operand;
  if (field.kind === 'time') {
    const time = typeof operand === 'string' ? parseTime(operand) : undefined;
    if (time === undefined)
      throw inputError(`field \`${name}\` contains type ${typeName(operand)}. expecting date`);
    return time;
  }
  const expected = kindNames[field.kind] ?? 'string';
  if (typeName(operand) !== expected) {
    throw inputError(`field \`${name}\` contains type ${typeName(operand)}. expecting ${expected}`);
  }
  return operand;
}

function typeName(value: Json): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

const mostSortFields = 5;

/** Turns `sort` into a comparison; an empty list gives undefined. */
export function compileSort<T>(
  sort: Json | undefined,
  fieldOf: FieldOf<T>,
  most = mostSortFields,
): ((left: T, right: T) => number) | undefined {
  if (sort === undefined || sort === null) return undefined;
  if (!Array.isArray(sort)) throw inputError('sort must be a list');
  if (sort.length > most) throw inputError(`sort must contain at maximum ${most} items`);
  if (sort.length === 0) return undefined;
  const keys = sort.map((entry: Json) => {
    if (!isObject(entry) || typeof entry['field'] !== 'string')
      throw inputError('sort.field is a required field');
    const { direction = 1 } = entry;
    if (direction !== 1 && direction !== -1) throw inputError('sort.direction must be one of [-1 1]');
    return { get: fieldOf(entry['field']).get, direction };
  });
  return (left, right) => {
    for (const { get, direction } of keys) {
      const order = compareValues(get(left), get(right));
      if (order !== 0) return order * direction;
    }
    return 0;
  };
}

/** Absent values come first; texts compare by code point. */
function compareValues(left: Json | undefined, right: Json | undefined): number {
  if (left === right) return 0;
  if (left === undefined || left === null) return -1;
  if (right === undefined || right === null) return 1;
  return left < right ? -1 : 1;
}

/** The exact texts a filter asks of a field, when it does so at its top or inside a top `$and`: a key for an index. */
export function exactTexts(filter: JsonObject, name: string): readonly string[] | undefined {
  const condition = filter[name];
  if (typeof condition === 'string') return [condition];
  if (isObject(condition)) {
    if (typeof condition['$eq'] === 'string') return [condition['$eq']];
    const list = condition['$in'];
    if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return list;
  }
  const all = filter['$and'];
  if (!Array.isArray(all)) return undefined;
  for (const part of all as readonly Json[]) {
    const found = isObject(part) ? exactTexts(part, name) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
