import { LaunchError } from '../errors.ts';
import { workerFailure } from './worker-failure.ts';
import type { WorkerResult, WorkerStatus } from './worker-result.ts';

/** What became of one worker of those that were to be deployed together. */
export type WorkerOutcome =
  | {
      readonly kind: 'done';
      readonly service: string;
      readonly result: WorkerResult;
      /** The other one of its set whose failure has taken it back. */
      readonly because?: string;
    }
  /** Nothing was changed: something kept it from starting. */
  | { readonly kind: 'refused'; readonly service: string; readonly error: LaunchError }
  /** Left alone, because another one failed. */
  | { readonly kind: 'held-back'; readonly service: string; readonly because: string };

/** From good to bad: several workers are as good as the worst of them. */
const statuses: readonly WorkerStatus[] = ['unchanged', 'deployed', 'deleted', 'rolled-back', 'failed'];

export function statusOfSet(outcomes: readonly WorkerOutcome[]): WorkerStatus {
  const worst = Math.max(0, ...outcomes.map((outcome) => statuses.indexOf(statusOf(outcome))));
  const isTakenBack = outcomes.some(({ kind }) => kind === 'done') && outcomes.every(isHarmless);
  const status = statuses[worst] ?? 'failed';
  return status === 'failed' && isTakenBack ? 'rolled-back' : status;
}

/** What was left alone has the version of before, as what was taken back has. */
function statusOf(outcome: WorkerOutcome): WorkerStatus {
  if (outcome.kind === 'done') return outcome.result.status;
  return outcome.kind === 'refused' ? 'failed' : 'rolled-back';
}

/** Nothing of a set is left where all of it was taken back or never begun. */
function isHarmless(outcome: WorkerOutcome): boolean {
  return outcome.kind !== 'done' || ['unchanged', 'rolled-back'].includes(outcome.result.status);
}

/** What all of it failed with, or undefined. */
export function failureOfSet(outcomes: readonly WorkerOutcome[]): LaunchError | undefined {
  const failures = outcomes.flatMap((outcome) => {
    const failure = failureOf(outcome);
    const isOwn = outcome.kind !== 'done' || outcome.because === undefined;
    return failure === undefined ? [] : [{ ...failure, isOwn }];
  });
  // What was only taken back with the others is not what has to be mended.
  const first = failures.find(({ isOwn }) => isOwn) ?? failures[0];
  if (first === undefined || outcomes.length === 1) return first?.error;
  const names = failures.map(({ service }) => service).join(', ');
  const isSame = failures.every(({ error }) => error.code === first.error.code);
  return new LaunchError(
    isSame ? first.error.code : 'DEPLOY_FAILED',
    `${failures.length} of ${outcomes.length} workers were not deployed: ${names}. ${first.error.summary}`,
    {
      remedy: 'The summary says of each which version serves. Mend the cause and push again.',
      cause: first.error,
    },
  );
}

/** Of one that was held back there is none: what failed is another. */
export function failureOf(
  outcome: WorkerOutcome,
): { readonly service: string; readonly error: LaunchError } | undefined {
  const { kind, service } = outcome;
  if (kind === 'held-back') return undefined;
  const error = kind === 'refused' ? outcome.error : workerFailure(outcome.result);
  return error === undefined ? undefined : { service, error };
}

/** A result that the set has taken back although it was fine by itself. */
export function takenBackWith(
  result: WorkerResult,
  because: string,
  back: { readonly live: string | undefined; readonly because: string | undefined },
): WorkerResult {
  const isBack = result.previousVersionId !== undefined && back.live === result.previousVersionId;
  return {
    ...result,
    status: isBack ? 'rolled-back' : 'failed',
    liveVersionId: back.live,
    failure: {
      reason: `"${because}" of the same set failed, and it is deployed as a whole or not at all`,
      lines: [],
    },
    notTakenBack: back.because,
  };
}
