import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { NoAnswer, noAnswer } from '../http/no-answer.ts';

/** One of the reasons that an answer gives; `field` is what of the request it is about. */
export interface LinodeReason {
  readonly field?: string | undefined;
  readonly reason: string;
}

/** An answer that is no success; the cause of the LaunchError that tells of it. */
export class LinodeRefusal extends Error {
  override readonly name = 'LinodeRefusal';
  readonly status: number;
  /** Empty when the answer was not in Linode's form. */
  readonly reasons: readonly LinodeReason[];
  /** How long Linode wants to be left alone, in milliseconds; undefined when it says nothing of it. */
  readonly retryAfter: number | undefined;
  /** Whether the whole API is down for maintenance, which takes longer than a run can wait. */
  readonly isMaintenance: boolean;

  constructor(
    status: number,
    reasons: readonly LinodeReason[],
    text: string,
    headers: { readonly retryAfter: number | undefined; readonly isMaintenance: boolean },
  ) {
    super(reasons.length === 0 ? text : reasons.map(saidBy).join('; '));
    this.status = status;
    this.reasons = reasons;
    this.retryAfter = headers.retryAfter;
    this.isMaintenance = headers.isMaintenance;
  }
}

function saidBy({ field, reason }: LinodeReason): string {
  return field === undefined || field === '' ? reason : `${field}: ${reason}`;
}

/** The HTTP status behind an error of this client; undefined when no answer came. */
export function linodeStatusOf(error: unknown): number | undefined {
  return refusalOf(error)?.status;
}

/** What Linode gave as reasons; empty when no answer came. */
export function linodeReasonsOf(error: unknown): readonly LinodeReason[] {
  return refusalOf(error)?.reasons ?? [];
}

/** Whether somebody else, or an earlier attempt, has something of that label already. */
export function isLabelTaken(error: unknown): boolean {
  return linodeReasonsOf(error).some(({ reason }) => /label must be unique/i.test(reason));
}

/** Whether the request may have been carried out although it failed: no answer came, or Linode was at fault. */
export function isAmbiguous(error: unknown): boolean {
  const refusal = refusalOf(error);
  if (refusal !== undefined) return refusal.status >= 500 || refusal.status === 408;
  return error instanceof LaunchError && error.cause instanceof NoAnswer;
}

/** Certainly not carried out, and a moment later it may be: too many requests, or work of before is under way. */
export function isBusy(error: unknown): boolean {
  if (!(error instanceof LinodeRefusal)) return false;
  return error.status === 429 || (error.status === 400 && /\bLinode busy\b/i.test(error.message));
}

function refusalOf(error: unknown): LinodeRefusal | undefined {
  const cause = error instanceof LaunchError ? error.cause : error;
  return cause instanceof LinodeRefusal ? cause : undefined;
}

const statusPage = 'https://status.linode.com';

/** What a failed request means to the person who reads the step's log. */
export function explainLinode(error: unknown, method: string, url: URL): LaunchError {
  if (error instanceof LaunchError) return error;
  const what = `${method} ${url.origin}${printable(url.pathname)}`;
  if (error instanceof LinodeRefusal) return explainRefusal(error, what);
  const failure = error instanceof NoAnswer ? error : noAnswer(error);
  if (failure.kind === 'timeout') {
    return new LaunchError('TIMEOUT', `Linode did not answer ${what} in time.`, {
      remedy: `Check the network and ${statusPage}, then run it again.`,
      cause: failure,
    });
  }
  return new LaunchError('API_ERROR', `Linode could not be asked: ${what}: ${printable(failure.message)}.`, {
    remedy: 'Check the network and LINODE_API_URL, then run it again.',
    cause: failure,
  });
}

function explainRefusal(error: LinodeRefusal, what: string): LaunchError {
  const said = error.message === '' ? '' : `: ${printable(error.message, 500).replace(/\.$/, '')}`;
  const summary = `Linode answered ${error.status} to ${what}${said}.`;
  const { status, isMaintenance, retryAfter, reasons } = error;
  const isTagRefusal = reasons.some(({ field }) => field === 'tags');
  const isAuth = (status === 401 || status === 403) && !isTagRefusal;
  return new LaunchError(isAuth ? 'API_AUTH' : 'API_ERROR', summary, {
    remedy: isAuth
      ? 'Check that the token is valid and not expired, and that it may read and write Linodes, Firewalls and StackScripts, and read Account and Events.'
      : isTagRefusal
        ? 'Only an unrestricted user of the account may set tags: take the token of such a user.'
        : isMaintenance
          ? `The API is down for maintenance; see ${statusPage}, and run it again later.`
          : status === 429
            ? `Too many requests were made; run it again in ${Math.max(1, Math.ceil((retryAfter ?? 15_000) / 1000))} s.`
            : status >= 500
              ? `Run it again; if it stays, see ${statusPage}.`
              : 'Mend what the message names, then run it again.',
    cause: error,
  });
}

/** What a request about one thing comes to; undefined when there is no such thing (any more). */
export async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (linodeStatusOf(error) === 404) return undefined;
    throw error;
  }
}
