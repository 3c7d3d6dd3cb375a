import { setTimeout as sleep } from 'node:timers/promises';
import type { DeploymentRecords } from '../adapters/github/deployments.ts';
import { isPassing, statusOf } from '../adapters/github/failure.ts';
import {
  type DeploymentRecord,
  environmentOf,
  type RecordPlace,
  type RecordStatus,
  started,
  statusOfForgotten,
} from '../core/deploy/deployment-record.ts';
import { LaunchError } from '../core/errors.ts';
import type { KnownEnd } from './report-cut-off.ts';
import type { Reporter } from './reporter.ts';

export interface RecorderOptions {
  /** Loaded when there is something to record. */
  readonly open: () => Promise<DeploymentRecords>;
  /** Where the deployment can be followed. */
  readonly logUrl: string | undefined;
  readonly reporter: Reporter;
}

/** Records the deployments of a job. Whatever becomes of a record, the deployment goes on. */
export interface DeploymentRecorder {
  /** The deployment does not wait for it. */
  begin(record: DeploymentRecord, options: BeginOptions): Recording;
  /** Of a deployment that another process began: its id where that is known, else it is looked for. */
  close(record: DeploymentRecord, id: number | undefined, status: RecordStatus): Promise<void>;
  /** Of what is live no more: its record says so. False where there is none, or GitHub could not be told. */
  retire(place: RecordPlace, status: RecordStatus): Promise<boolean>;
  /**
   * Of what a run had deployed and took back after all: its record is no success any more, and the one before is live
   * again. `run`: how the address of the run's log begins.
   */
  takeBack(
    place: RecordPlace,
    statuses: { readonly from: RecordStatus; readonly to: RecordStatus },
    run: string,
  ): Promise<boolean>;
}

export interface BeginOptions {
  /** Hears of the record as soon as there is one. */
  readonly onId: (id: number) => void;
  /** For the record before, should its run not have come to say how it ended. */
  readonly endOf: KnownEnd;
}

export interface Recording {
  /** False when `signal` came first: then somebody else has to end it. Never takes longer than `patienceMs`. */
  end(status: RecordStatus, signal?: AbortSignal): Promise<boolean>;
  /** Lets go of it, at once. */
  leave(): void;
}

/** How long a single request may take, and how long a deployment waits for its record, in milliseconds. */
const patienceMs = 4000;
/** GitHub fails now and then: how often it is asked for the same, and how long after. */
const tries = 3;
const pauseMs = 300;
/** What was before is worth less. */
const lookBackMs = 2000;

export function deploymentRecorder({ open, logUrl, reporter }: RecorderOptions): DeploymentRecorder {
  // What will not be any better with the next service of the job; it is told of once, and waited for once.
  let isHopeless = false;

  const giveUp = (record: RecordPlace, error: unknown) => {
    isHopeless = isLasting(error);
    reporter.warning(
      `The record of the deployment to ${environmentOf(record)} could not be written on GitHub; the deployment itself is not concerned. ${reasonOf(error)}`,
    );
  };

  /** Where it is not known whether GitHub has made the record, another is made only when it has not. */
  const create = async (record: DeploymentRecord, signal: AbortSignal): Promise<number> => {
    const records = await open();
    return await again(signal, async (isFirst) => {
      const known = isFirst ? undefined : await records.find(record, signal);
      return known ?? (await records.create(record, signal));
    });
  };

  const write = async (
    id: number,
    { url }: DeploymentRecord,
    status: RecordStatus,
    signal: AbortSignal,
  ): Promise<void> => {
    const records = await open();
    await again(signal, async () => await records.setStatus(id, { ...status, logUrl, url }, signal));
  };

  /** A power failure leaves a record open, or one says what was true until the host recovered. */
  const mendBefore = async (
    record: DeploymentRecord,
    endOf: KnownEnd,
    signal: AbortSignal,
  ): Promise<void> => {
    const records = await open();
    const before = await records.before(record, signal);
    const status = before && statusOfForgotten(before, endOf(before.release));
    if (before === undefined || status === undefined) return;
    await records.setStatus(before.id, { ...status, logUrl: before.logUrl }, signal);
  };

  /** Of a record that is there already, or not. */
  const about = async (
    place: RecordPlace,
    ask: (records: DeploymentRecords, signal: AbortSignal) => Promise<boolean>,
  ): Promise<boolean> => {
    if (isHopeless) return false;
    try {
      return await ask(await open(), AbortSignal.timeout(patienceMs));
    } catch (error) {
      giveUp(place, error);
      return false;
    }
  };

  return {
    begin(record, { onId, endOf }) {
      const over = new AbortController();
      const soon = () => AbortSignal.any([over.signal, AbortSignal.timeout(patienceMs)]);
      const made = (async (): Promise<number | undefined> => {
        if (isHopeless) return undefined;
        const id = await create(record, soon());
        onId(id);
        // The end is what matters: that says whether GitHub can be told anything.
        const note = (error: unknown) => reporter.debug(`Not recorded: ${String(error)}`);
        await write(id, record, started, soon()).catch(note);
        // Before this one's success, which would be ended by another that comes after it.
        const shortly = AbortSignal.any([over.signal, AbortSignal.timeout(lookBackMs)]);
        await mendBefore(record, endOf, shortly).catch(note);
        return id;
      })();
      // Who ends it hears of a failure; a recording that is left has nobody to tell.
      made.catch(() => {});
      return {
        async end(status, signal) {
          const deadline = AbortSignal.timeout(patienceMs);
          const either = AbortSignal.any([deadline, ...(signal === undefined ? [] : [signal])]);
          const stop = () => over.abort(either.reason);
          either.addEventListener('abort', stop);
          if (either.aborted) stop();
          try {
            const id = await made;
            if (id !== undefined) await write(id, record, status, AbortSignal.any([either, over.signal]));
          } catch (error) {
            if (signal?.aborted === true) return false;
            giveUp(record, error);
          } finally {
            either.removeEventListener('abort', stop);
          }
          return true;
        },
        leave: () => over.abort(),
      };
    },
    retire: async (place, status) =>
      await about(place, async (records, signal) => {
        for await (const known of records.recent(place, signal)) {
          if (known.state !== 'success') continue;
          await again(signal, async () => await records.setStatus(known.id, { ...status, logUrl }, signal));
          return true;
        }
        return false;
      }),
    takeBack: async (place, { from, to }, run) =>
      await about(place, async (records, signal) => {
        let isTaken = false;
        for await (const { id, state, logUrl: itsLog } of records.recent(place, signal)) {
          if (!isTaken && state === 'success') {
            // Of another run: what this one deployed was not recorded.
            if (itsLog?.startsWith(run) !== true) return false;
            await again(signal, async () => await records.setStatus(id, { ...from, logUrl }, signal));
            isTaken = true;
          } else if (isTaken && state === 'inactive') {
            await again(signal, async () => await records.setStatus(id, { ...to, logUrl: itsLog }, signal));
            return true;
          }
        }
        return isTaken;
      }),
    async close(record, id, status) {
      const signal = AbortSignal.timeout(patienceMs);
      try {
        const known = id ?? (await (await open()).find(record, signal));
        if (known !== undefined) await write(known, record, status, signal);
      } catch (error) {
        giveUp(record, error);
      }
    },
  };
}

async function again<T>(signal: AbortSignal, ask: (isFirst: boolean) => Promise<T>): Promise<T> {
  for (let asked = 1; ; asked += 1) {
    try {
      return await ask(asked === 1);
    } catch (error) {
      if (asked === tries || signal.aborted || !isPassing(error)) throw error;
      await sleep(pauseMs, undefined, { signal }).catch(() => {});
    }
  }
}

/** It would be the same with the next service of the job. */
function isLasting(error: unknown): boolean {
  if (!(error instanceof LaunchError)) return false;
  return error.code === 'TIMEOUT' || isForbidden(error) || isRateLimited(error);
}

function isForbidden(error: LaunchError): boolean {
  return error.code === 'API_AUTH' || statusOf(error) === 404;
}

function isRateLimited(error: LaunchError): boolean {
  return error.code === 'API_ERROR' && [403, 429].includes(statusOf(error) ?? 0);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof LaunchError)) return String(error);
  if (isForbidden(error)) {
    return `${error.summary} Give the job the permission \`deployments: write\`, and the input \`token\` a token that has it, such as github.token; or leave \`token\` empty, and nothing is recorded.`;
  }
  if (isRateLimited(error)) return `${error.summary} The token has used up its requests for now.`;
  if (statusOf(error) === 422) {
    return `${error.summary} GitHub has to know the commit: push it, or see whether it was taken out of the repository.`;
  }
  return `${error.summary} See the runner's network and https://www.githubstatus.com.`;
}
