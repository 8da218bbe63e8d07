import type { JsonObject } from './json.ts';
import type { State } from './state.ts';
import type { Micros } from './time.ts';

/** Who is asking: the backend with the app's secret, one user with a token, or nobody in particular. */
export type Caller =
  | { readonly kind: 'server' }
  | { readonly kind: 'user'; readonly id: string }
  | { readonly kind: 'anonymous' };

/** One request, checked as far as every operation needs it. */
export interface Call {
  readonly operation: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** The body, or an empty object when there was none. */
  readonly body: JsonObject;
  readonly caller: Caller;
  readonly state: State;
  /** The instant of this request; later requests have later ones. */
  readonly time: Micros;
}

/** One endpoint: v1 path, Stream's operation name, and what it answers (without `duration`). */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly operation: string;
  /** Who may call it; `server` answers others 403/17, as the real service does. */
  readonly access: 'server' | 'everyone';
  /** True for a POST that only reads, so that it does not cause the state to be stored. */
  readonly reads?: true;
  readonly answer: (call: Call) => object;
}
