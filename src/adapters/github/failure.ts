import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';

/** An answer that is no success; the cause of the LaunchError that tells of it. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  /** How long GitHub wants to be left alone, in milliseconds; undefined when it says nothing of it. */
  readonly retryAfter: number | undefined;

  constructor(status: number, message: string, retryAfter: number | undefined) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** No answer, or none that can be read. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly kind: 'timeout' | 'unreadable' | 'network';

  constructor(kind: NoAnswer['kind'], message: string, cause: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

/** The HTTP status behind an error of this client; undefined when no answer came. */
export function statusOf(error: unknown): number | undefined {
  const cause = error instanceof LaunchError ? error.cause : error;
  return cause instanceof Refusal ? cause.status : undefined;
}

/** What a failed request means to the person who reads the step's log. */
export function explain(error: unknown, method: string, url: URL): LaunchError {
  const what = `${method} ${url.origin}${printable(url.pathname)}`;
  if (error instanceof Refusal) return explainRefusal(error, what);
  const failure = error instanceof NoAnswer ? error : noAnswer(error);
  if (failure.kind === 'timeout') {
    return new LaunchError('TIMEOUT', `GitHub did not answer ${what} in time.`, {
      remedy: "Check the runner's network and https://www.githubstatus.com, then run it again.",
      cause: failure,
    });
  }
  return new LaunchError('API_ERROR', `GitHub could not be asked: ${what}: ${printable(failure.message)}.`, {
    remedy: "Check the runner's network and GITHUB_API_URL, then run it again.",
    cause: failure,
  });
}

function explainRefusal(error: Refusal, what: string): LaunchError {
  const said = error.message === '' ? '' : `: ${error.message}`;
  const summary = `GitHub answered ${error.status} to ${what}${said}.`;
  if (error.retryAfter !== undefined && (error.status === 403 || error.status === 429)) {
    const seconds = Math.ceil(error.retryAfter / 1000);
    return new LaunchError('API_ERROR', summary, {
      remedy: `The token has used up its requests; run it again in ${seconds} s.`,
      cause: error,
    });
  }
  if (error.status === 401 || error.status === 403) {
    return new LaunchError('API_AUTH', summary, {
      remedy: 'Give the job a token that is valid and has the permission this request needs.',
      cause: error,
    });
  }
  return new LaunchError('API_ERROR', summary, {
    remedy:
      error.status === 404
        ? 'Either it does not exist or the token may not see it; check the permissions of the job.'
        : 'Run it again; if it stays, see https://www.githubstatus.com.',
    cause: error,
  });
}

/** What an error of the platform says; of `fetch failed` its cause, because that alone says nothing. */
export function noAnswer(error: unknown): NoAnswer {
  const name = textOf(error, 'name');
  const cause = typeof error === 'object' && error !== null && 'cause' in error ? error.cause : undefined;
  const reason = textOf(cause, 'code') ?? textOf(cause, 'message') ?? textOf(error, 'message');
  const kind =
    name === 'TimeoutError' || name === 'AbortError'
      ? 'timeout'
      : name === 'SyntaxError'
        ? 'unreadable'
        : 'network';
  return new NoAnswer(kind, reason ?? String(error), error);
}

function textOf(value: unknown, key: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const text: unknown = Reflect.get(value, key);
  return typeof text === 'string' && text !== '' ? text : undefined;
}
