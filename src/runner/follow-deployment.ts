import * as z from 'zod/mini';
import { cancelledInstead } from '../core/cancelled.ts';
import {
  type DeploymentRecord,
  type RecordStatus,
  statusOfCutOff,
  statusOfRefusal,
  statusOfResult,
} from '../core/deploy/deployment-record.ts';
import type { DeployResult } from '../core/deploy/result.ts';
import { cutOffSummary } from '../core/deploy/summary.ts';
import { LaunchError } from '../core/errors.ts';
import { redactor } from '../core/secrets/redact.ts';
import type { Recording } from '../operations/record-deployment.ts';
import { isDropped, type KnownEnd, type ReleaseStart, reportCutOff } from '../operations/report-cut-off.ts';
import { type RecordInputs, recorderFor } from './deployment-recorder.ts';
import { mask } from './mask.ts';
import { jobLog } from './reporter.ts';
import { writeSummary } from './summary.ts';
import { noteUnfinished, readUnfinished } from './unfinished.ts';

export interface Following {
  readonly task: DeploymentRecord['task'];
  readonly record: RecordInputs;
  /** Cancels the run; what is left to record then is left to `post`. */
  readonly signal: AbortSignal;
  /** Secrets that are masked already. */
  readonly secrets: Iterable<string>;
}

/** What a deployment tells while it is under way; parts of its request. */
export interface Observers {
  readonly onRelease: (start: ReleaseStart, endOf: KnownEnd) => void;
  readonly onSecrets: (values: Iterable<string>) => void;
}

/** Runs deployments, records them on GitHub, and leaves for `post` what it needs should this process be ended. */
export async function followDeployments({ task, record, signal, secrets }: Following) {
  const recorder = await recorderFor(record);
  const hidden = [...secrets];
  return async (deploy: (observers: Observers) => Promise<DeployResult>): Promise<DeployResult> => {
    let unfinished: Unfinished | undefined;
    let recording: Recording | undefined;
    const note = (more: Partial<Unfinished>) => {
      if (unfinished === undefined) return;
      unfinished = { ...unfinished, ...more };
      noteUnfinished(JSON.stringify(unfinished));
    };
    const end = async (status: RecordStatus) => {
      if ((await recording?.end(status, signal)) === false) note({ status });
      else noteUnfinished('');
    };
    const observers: Observers = {
      onRelease: (start, endOf) => {
        unfinished = { ...start, task, isRecorded: recorder !== undefined };
        note({});
        recording = recorder?.begin({ ...start, task }, { onId: (id) => note({ record: id }), endOf });
      },
      onSecrets: (values) => {
        const all = [...values];
        mask(all);
        hidden.push(...all);
      },
    };
    let result: DeployResult;
    try {
      result = await deploy(observers);
    } catch (thrown) {
      const error = cancelledInstead(thrown, signal);
      const isCancelled = error instanceof LaunchError && error.code === 'CANCELLED';
      // The guardian may be left with the rest; `post` says what became of it.
      if (unfinished === undefined || isCancelled || !(await isDropped(unfinished))) recording?.leave();
      else await end(statusOfRefusal(error, redactor(hidden)));
      throw error;
    }
    await end(statusOfResult(result));
    return result;
  };
}

const unfinishedShape = z.object({
  folder: z.string(),
  service: z.string(),
  target: z.string(),
  release: z.string(),
  commit: z.string(),
  previous: z.optional(z.string()),
  url: z.optional(z.string()),
  task: z.enum(['deploy', 'rollback']),
  /** Whether there is, or may be, a record of it on GitHub; and its id, where that came in time. */
  isRecorded: z.boolean(),
  record: z.optional(z.number()),
  /** How it ended, when only the record does not say so yet. */
  status: z.optional(
    z.object({
      state: z.enum(['in_progress', 'success', 'failure', 'error', 'inactive']),
      description: z.string(),
    }),
  ),
});

/** What `main` leaves for `post`; ids, names and paths, never a token. */
type Unfinished = z.infer<typeof unfinishedShape>;

/** The runner gives the end of a cancelled job five minutes. */
const guardianMs = 120_000;

/** For `post`: says what became of a deployment that was cut off, and has GitHub's record say the same. */
export async function endUnfinished(record: RecordInputs): Promise<void> {
  const unfinished = parseUnfinished(readUnfinished());
  if (unfinished === undefined) return;
  const status = unfinished.status ?? (await findOut(unfinished));
  if (!unfinished.isRecorded) return;
  const recorder = await recorderFor(record);
  if (recorder !== undefined) await recorder.close(unfinished, unfinished.record, status);
  else jobLog.warning('Without a token, the record of this deployment on GitHub stays as it is.');
}

async function findOut(unfinished: Unfinished): Promise<RecordStatus> {
  const cutOff = await reportCutOff(unfinished, { hostEnv: process.env, waitMs: guardianMs }, jobLog);
  await writeSummary(cutOffSummary(cutOff));
  return statusOfCutOff(cutOff.outcome, unfinished);
}

function parseUnfinished(text: string): Unfinished | undefined {
  try {
    const parsed = z.safeParse(unfinishedShape, JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
