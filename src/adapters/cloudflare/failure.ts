import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { NoAnswer, noAnswer } from '../http/no-answer.ts';

/** An answer that is no success; the cause of the LaunchError that tells of it. */
export class CloudflareRefusal extends Error {
  override readonly name = 'CloudflareRefusal';
  readonly status: number;
  /** Of the answer's first error; undefined when the answer was not in Cloudflare's form. */
  readonly code: number | undefined;
  /** How long Cloudflare wants to be left alone, in milliseconds; undefined when it says nothing of it. */
  readonly retryAfter: number | undefined;

  constructor(status: number, code: number | undefined, message: string, retryAfter: number | undefined) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** The codes that mean the token, whatever the HTTP status: authentication, permission, no credentials, bad token. */
const tokenCodes: readonly number[] = [1000, 6003, 9106, 9109, 10000];

/** Cloudflare's own code behind an error of this client, such as 10007; undefined when there is none. */
export function cloudflareCodeOf(error: unknown): number | undefined {
  return refusalOf(error)?.code;
}

/** The HTTP status behind an error of this client; undefined when no answer came. */
export function cloudflareStatusOf(error: unknown): number | undefined {
  return refusalOf(error)?.status;
}

/** Whether the request may have been carried out although it failed: no answer came, or Cloudflare was at fault. */
export function isAmbiguous(error: unknown): boolean {
  const refusal = refusalOf(error);
  if (refusal !== undefined) return refusal.status >= 500;
  return error instanceof LaunchError && error.cause instanceof NoAnswer;
}

function refusalOf(error: unknown): CloudflareRefusal | undefined {
  const cause = error instanceof LaunchError ? error.cause : error;
  return cause instanceof CloudflareRefusal ? cause : undefined;
}

/** What a failed request means to the person who reads the step's log. */
export function explainCloudflare(error: unknown, method: string, url: URL): LaunchError {
  const what = `${method} ${url.origin}${printable(url.pathname)}`;
  if (error instanceof LaunchError) return error;
  if (error instanceof CloudflareRefusal) return explainRefusal(error, what);
  const failure = error instanceof NoAnswer ? error : noAnswer(error);
  if (failure.kind === 'timeout') {
    return new LaunchError('TIMEOUT', `Cloudflare did not answer ${what} in time.`, {
      remedy: 'Check the network and https://www.cloudflarestatus.com, then run it again.',
      cause: failure,
    });
  }
  return new LaunchError(
    'API_ERROR',
    `Cloudflare could not be asked: ${what}: ${printable(failure.message)}.`,
    {
      remedy: 'Check the network and CLOUDFLARE_API_BASE_URL, then run it again.',
      cause: failure,
    },
  );
}

function explainRefusal(error: CloudflareRefusal, what: string): LaunchError {
  const code = error.code === undefined ? '' : `, code ${error.code}`;
  const said = error.message === '' ? '' : `: ${printable(error.message, 500).replace(/\.$/, '')}`;
  const summary = `Cloudflare answered ${error.status}${code} to ${what}${said}.`;
  if (error.status === 429) {
    const seconds = Math.ceil((error.retryAfter ?? 0) / 1000);
    return new LaunchError('API_ERROR', summary, {
      remedy: `Too many requests were made with this token; run it again in ${seconds === 0 ? 'five minutes' : `${seconds} s`}.`,
      cause: error,
    });
  }
  if (error.status === 401 || error.status === 403 || tokenCodes.includes(error.code ?? 0)) {
    return new LaunchError('API_AUTH', summary, {
      remedy:
        'Check that the API token is valid, belongs to the account of the account id, and has the permission this request needs.',
      cause: error,
    });
  }
  return new LaunchError('API_ERROR', summary, {
    remedy:
      error.status >= 500
        ? 'Run it again; if it stays, see https://www.cloudflarestatus.com.'
        : 'Mend what the message names, then run it again.',
    cause: error,
  });
}
