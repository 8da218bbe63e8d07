/** The connection cannot be made with what was given: nothing was sent, and the message says what to give instead. */
export class ConnectionUsageError extends Error {
  override readonly name = 'ConnectionUsageError';
}

/** Where Stream's own service answers. */
export const streamUrl = 'https://chat.stream-io-api.com';

/**
 * The one origin that a connection talks to, without a trailing slash. Throws ConnectionUsageError for everything that
 * would carry the server token somewhere unexpected: plain HTTP beyond this machine, userinfo, a path, a query.
 */
export function originOf(baseUrl: string): { readonly origin: string; readonly loopback: boolean } {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new ConnectionUsageError(`the base URL must look like ${streamUrl} or http://127.0.0.1:3030`);
  }
  // What the URL holds besides its origin may be a credential, so the messages never repeat it.
  if (url.username !== '' || url.password !== '') {
    throw new ConnectionUsageError('the base URL must not hold a user name or a password');
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || /[?#]/.test(baseUrl)) {
    throw new ConnectionUsageError(`the base URL must end after the host and the port: ${url.origin}`);
  }
  const loopback = isLoopback(url.hostname);
  if (url.protocol === 'http:' && !loopback) {
    throw new ConnectionUsageError(
      `${url.origin} is not encrypted and not on this machine: use https://${url.host}, so that nobody can read the key on its way`,
    );
  }
  return { origin: url.origin, loopback };
}

/** Takes a hostname as the URL parser leaves it: every way to write an IPv4 address has become four numbers. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
