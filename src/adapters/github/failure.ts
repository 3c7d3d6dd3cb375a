import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { NoAnswer, noAnswer } from '../http/no-answer.ts';

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

/** The HTTP status behind an error of this client; undefined when no answer came. */
export function statusOf(error: unknown): number | undefined {
  const cause = error instanceof LaunchError ? error.cause : error;
  return cause instanceof Refusal ? cause.status : undefined;
}

/** GitHub had no time, or the network had none. A TIMEOUT is none of it: whoever set the limit knows what it means. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof LaunchError) || error.code !== 'API_ERROR') return false;
  const status = statusOf(error);
  return status === undefined || status >= 500;
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
