import { operations, type Input, type Operation, type OperationName } from '../model/stream.ts';

/** One request as the transport sends it; the path holds the query as well. */
export interface Request {
  readonly method: Operation['method'];
  readonly path: string;
  /** JSON, already written: the HTTP client would drop keys such as `constructor` from an object. */
  readonly body: string | undefined;
}

/** Fills in the operation's path and query. Throws when the input does not fit, which is a mistake of the caller's. */
export function requestOf(name: OperationName, input: Input): Request {
  const operation: Operation = operations[name];
  const path = operation.path.replace(/\{(\w+)\}/g, (_, part: string) =>
    pathPart(name, part, input.path?.[part]),
  );
  const query = operation.payload === true ? { payload: input.query ?? {} } : (input.query ?? {});
  const text = queryText(query);
  const bodiless = operation.method === 'GET' || operation.method === 'DELETE';
  if (bodiless && input.body !== undefined)
    throw new Error(`${name} is a ${operation.method} and takes no body`);
  return {
    method: operation.method,
    path: text === '' ? path : `${path}?${text}`,
    body: bodiless ? undefined : JSON.stringify(input.body ?? {}),
  };
}

/** URL parsers resolve dots even when they are percent-encoded, so such a part would name another operation's path. */
function pathPart(name: OperationName, part: string, value: string | undefined): string {
  if (value === undefined || value === '' || value === '.' || value === '..') {
    throw new Error(`${name} cannot be sent with the ${part} ${JSON.stringify(value)}`);
  }
  return encodeURIComponent(value);
}

/** As Stream's client writes a query: lists and objects as JSON, nothing for what is undefined. */
function queryText(query: Readonly<Record<string, unknown>>): string {
  return Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(valueText(value))}`)
    .join('&');
}

function valueText(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
