import { patiently } from '../http/patiently.ts';

/** What came of handing a message over. */
export type Sent =
  | { readonly ok: true; readonly status: number }
  | { readonly ok: false; readonly status?: number; readonly why: string };

/** A message that was not taken; thrown by an attempt. */
export class NotTaken extends Error {
  override readonly name = 'NotTaken';
  /** The HTTP status, or the code of the mail server. */
  readonly status: number | undefined;
  /** Whether another attempt may do better, and does not deliver the message twice. */
  readonly mayPass: boolean;
  /** In milliseconds. */
  readonly retryAfter: number | undefined;

  constructor(
    why: string,
    details: {
      readonly status?: number | undefined;
      readonly mayPass: boolean;
      readonly retryAfter?: number | undefined;
    },
  ) {
    super(why);
    this.status = details.status;
    this.mayPass = details.mayPass;
    this.retryAfter = details.retryAfter;
  }
}

/**
 * Tries until the message is taken, refused for good, or the time is up, which the signal tells. An attempt that does not end
 * is left behind: nothing that a dead server does holds up the step.
 */
export async function untilTaken(attempt: () => Promise<number>, signal: AbortSignal): Promise<Sent> {
  let last: NotTaken | undefined;
  const trying = patiently(
    async () => {
      try {
        return await attempt();
      } catch (error) {
        if (error instanceof NotTaken) last = error;
        throw error;
      }
    },
    {
      retries: 4,
      firstWait: 400,
      longestWait: 5000,
      signal,
      isPassing: (error) => error instanceof NotTaken && error.mayPass,
      retryAfterOf: (error) => (error instanceof NotTaken ? error.retryAfter : undefined),
    },
  ).then(
    (status): Sent => ({ ok: true, status }),
    (error: unknown) => notSent(last ?? error),
  );
  const sent = await Promise.race([trying, aborted(signal)]);
  return sent ?? notSent(last, 'the time was up');
}

async function aborted(signal: AbortSignal): Promise<undefined> {
  if (signal.aborted) return undefined;
  return await new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

function notSent(error: unknown, end?: string): Sent {
  const why = error instanceof Error ? error.message : error === undefined ? undefined : String(error);
  const status = error instanceof NotTaken ? error.status : undefined;
  return {
    ok: false,
    why: [why, end].filter((part) => part !== undefined).join('; then '),
    ...(status === undefined ? {} : { status }),
  };
}
