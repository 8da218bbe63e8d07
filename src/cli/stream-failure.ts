import type { Diagnostic } from '../model/diagnostic.ts';
import type { StreamFailure } from '../model/stream.ts';

/** What to tell somebody whose request failed, and what they can do about it. */
export function diagnosticOf(failure: StreamFailure): Diagnostic {
  const { reason, operation, message } = failure;
  const about = `${operation}: ${message}`;
  switch (reason) {
    case 'unauthorized':
      return error(
        'unauthorized',
        `Stream refused the credentials: ${message}`,
        'Check that STREAM_API_KEY and STREAM_API_SECRET are of one app, and that STREAM_BASE_URL is of its region if it is set.',
      );
    case 'unsent':
      return error(
        'unreachable',
        message,
        'Nothing was sent. Check the network, a proxy in HTTPS_PROXY, and STREAM_BASE_URL if it is set.',
      );
    case 'unclear':
      return error(
        'unclear-answer',
        about,
        'Something between here and Stream may have answered, such as a proxy. Check STREAM_BASE_URL, then try again.',
      );
    case 'limited':
      return error(
        'rate-limited',
        about,
        'The app is out of requests for now, perhaps for another program. Try again in a minute.',
      );
    case 'missing':
      return error('missing', about, 'Somebody may have deleted it just now. Plan again.');
    case 'refused':
      return error('refused', about, 'Plan again; if it stays, the app may not allow this operation.');
    case 'aborted':
      return error('interrupted', 'interrupted', 'Run the same command again to go on.');
  }
}

function error(code: string, message: string, help: string): Diagnostic {
  return { severity: 'error', code, message, help };
}
