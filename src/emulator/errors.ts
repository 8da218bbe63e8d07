/** A refusal by the emulated service; the server turns it into Stream's error body. */
export class StreamError extends Error {
  readonly status: number;
  readonly code: number;
  /** Whether the text is wrapped as `<OperationId> failed with error: "…"`; the real service omits this for a few. */
  readonly prefixed: boolean;
  readonly fields: Readonly<Record<string, string>> | undefined;

  constructor(
    status: number,
    code: number,
    text: string,
    options: { readonly prefixed?: boolean; readonly fields?: Readonly<Record<string, string>> } = {},
  ) {
    super(text);
    this.status = status;
    this.code = code;
    this.prefixed = options.prefixed ?? true;
    this.fields = options.fields;
  }
}

/** 400/4: the request itself is wrong, or the object is in use or exists already. */
export function inputError(text: string, fields?: Readonly<Record<string, string>>): StreamError {
  return new StreamError(400, 4, text, fields === undefined ? {} : { fields });
}

/** 400/4 about one field, which the real service repeats under `exception_fields`. */
export function fieldError(field: string, rule: string): StreamError {
  const text = `${field} ${rule}`;
  return inputError(text, { [field]: text });
}

/** 404/16: the named object does not exist. */
export function notFound(text: string): StreamError {
  return new StreamError(404, 16, text);
}

/** 404/16 whose text stands alone, as the real service does for channels and their types. */
export function plainNotFound(text: string): StreamError {
  return new StreamError(404, 16, text, { prefixed: false });
}

/** 403/17: known, but not permitted to this caller or on this object. */
export function notAllowed(text: string): StreamError {
  return new StreamError(403, 17, text);
}

/** 413/22: more custom data, or a larger body, than one object may have. */
export function tooBig(text: string): StreamError {
  return new StreamError(413, 22, text);
}

/** 401 with the given code; the text stands alone because no operation was reached. */
export function unauthenticated(code: number, text: string): StreamError {
  return new StreamError(401, code, text, { prefixed: false });
}

/** The body of an error answer, in the shape every SDK of Stream reads. */
export function errorBody(error: StreamError, operation: string, duration: string): object {
  return {
    code: error.code,
    message: error.prefixed ? `${operation} failed with error: "${error.message}"` : error.message,
    ...(error.fields === undefined ? {} : { exception_fields: error.fields }),
    StatusCode: error.status,
    duration,
    more_info: 'https://getstream.io/chat/docs/api_errors_response',
    details: [],
  };
}
