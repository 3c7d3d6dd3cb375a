import type { WorkerResult } from '../cloudflare/worker-result.ts';
import { LaunchError } from '../errors.ts';
import { printable } from '../names.ts';
import type { DeployResult } from './result.ts';

/** What GitHub is told of a release before it is known what becomes of it. */
export interface DeploymentRecord {
  /** `rollback` is a deployment, too, that of a release of before. */
  readonly task: 'deploy' | 'rollback';
  readonly service: string;
  readonly target: string;
  readonly release: string;
  /** A full id; for a rollback that of the release that comes back. */
  readonly commit: string;
  /** What served before it. */
  readonly previous?: string | undefined;
  /** Where people reach the service. */
  readonly url?: string | undefined;
}

/** Whose record it is: each service on each target has an environment of its own. */
export type RecordPlace = Pick<DeploymentRecord, 'target' | 'service'>;

export interface RecordStatus {
  readonly state: 'in_progress' | 'success' | 'failure' | 'error' | 'inactive';
  readonly description: string;
}

/**
 * Each service and target has an environment of its own, because GitHub takes a success for the end of whatever
 * else was live in the same environment. Both names are short and plain, so it fits into the 255 characters that
 * GitHub allows.
 */
export function environmentOf({ target, service }: RecordPlace): string {
  return `${target}/${service}`;
}

export const started: RecordStatus = { state: 'in_progress', description: 'The release is on its way.' };

/** The last word on a release that was made; whoever made up its reason has removed secrets from it. */
export function statusOfResult(result: DeployResult): RecordStatus {
  const { status, release, failure, notPutBack, restores } = result;
  const because = failure === undefined ? '.' : `: ${failure.reason}`;
  switch (status) {
    case 'deployed':
      return restores === undefined
        ? success(`${release} serves.`)
        : success(`${restores} serves again, as ${release}.`);
    case 'rolled-back':
      return failed(
        `${result.previousRelease ?? 'What ran before'} serves again. ${release} failed${because}`,
      );
    case 'failed':
      if (result.previousServes === true) {
        return failed(
          `${result.previousRelease ?? 'What ran before'} still serves. ${release} failed${because}`,
        );
      }
      return down(
        notPutBack === undefined
          ? `The service may be down. ${release} failed${because}`
          : `The service may be down. ${release} failed${because}; the release before could not be put back: ${notPutBack}`,
      );
    case 'unchanged':
      // Nothing is recorded of what did not start; this is for one that turned out so nevertheless.
      return success(`${release} serves, unchanged.`);
  }
}

/** Of a release that was given up before anything of what ran was touched. */
export function statusOfRefusal(error: unknown, redact: (text: string) => string): RecordStatus {
  const why = error instanceof LaunchError ? `${error.code}: ${error.summary}` : 'an unexpected fault';
  return failed(`Nothing was changed: ${redact(why)}`);
}

/** The same of a worker, whose releases are versions. */
export function statusOfWorker(result: WorkerResult): RecordStatus {
  const { status, operation, versionId = 'The new version', previousVersionId, failure } = result;
  const because = failure === undefined ? '.' : `: ${failure.reason}`;
  switch (status) {
    case 'deployed':
      return success(`${versionId} serves${operation === 'rollback' ? ' again' : ''}.`);
    case 'rolled-back':
      return failed(`${previousVersionId ?? 'What ran before'} serves. ${versionId} failed${because}`);
    case 'failed':
      return down(`${versionId} failed${because}`);
    case 'unchanged':
    case 'deleted':
      // Nothing is recorded of what did not start.
      return success(`${versionId} serves, unchanged.`);
  }
}

/** What became of a release whose process is gone; `under way` where nobody can tell yet. */
export function statusOfCutOff(
  outcome: 'deployed' | 'rolled-back' | 'failed' | 'dropped' | 'under way',
  { release, previous }: Pick<DeploymentRecord, 'release' | 'previous'>,
): RecordStatus {
  switch (outcome) {
    case 'deployed':
      return success(`${release} serves, though its run was cut off.`);
    case 'rolled-back':
      return failed(`${previous ?? 'What ran before'} serves again: the run was cut off.`);
    case 'failed':
      return down('The service may be down: the run was cut off, and no release before could be put back.');
    case 'dropped':
      return failed('Nothing was changed: the run was cut off before it started the release.');
    case 'under way':
      return down(
        'The run was cut off. The service may be down until the next run, or `launch recover`, sees to it.',
      );
  }
}

/**
 * What a record of before should say, whose run could not say it any more; undefined where it is right as it is.
 * Nobody else deploys to that environment now, so a record that is still open there is nobody's.
 */
export function statusOfForgotten(
  { state, release }: { readonly state: string | undefined; readonly release: string },
  outcome: 'deployed' | 'rolled-back' | 'failed' | undefined,
): RecordStatus | undefined {
  const isOpen = state === undefined || ['in_progress', 'queued', 'pending'].includes(state);
  const isWrong = state === 'error' && (outcome === 'deployed' || outcome === 'rolled-back');
  if (!isOpen && !isWrong) return undefined;
  if (outcome !== undefined) return statusOfCutOff(outcome, { release });
  return failed('The run was cut off, and nothing of the release is left on the host.');
}

/** Of what was live and is taken down for good. */
export function statusOfRemoval(by: string | undefined): RecordStatus {
  const who = by === undefined ? '' : ` by ${by}`;
  return { state: 'inactive', description: describe(`Taken down${who}; its data is kept.`) };
}

/** Of a release that served, and was taken back by the end-to-end tests; and of the one that serves again. */
export function statusesOfTakeBack(because: string): {
  readonly from: RecordStatus;
  readonly to: RecordStatus;
} {
  return {
    from: failed(`What served before it serves again: ${because}`),
    to: success('It serves again: what came after it was taken back.'),
  };
}

const success = (text: string): RecordStatus => ({ state: 'success', description: describe(text) });
const failed = (text: string): RecordStatus => ({ state: 'failure', description: describe(text) });
/** GitHub knows no state for "down"; of the two bad ones this is the worse. */
const down = (text: string): RecordStatus => ({ state: 'error', description: describe(text) });

/** GitHub refuses a longer description. */
const limit = 140;

/** One line that GitHub takes: what lies outside of the basic plane, and half of it, is replaced. */
function describe(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return printable(line.replace(/[\ud800-\udfff]+/g, '\ufffd'), limit - 1);
}
