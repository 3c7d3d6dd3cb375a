import { setTimeout as sleep } from 'node:timers/promises';
import { findWrangler } from '../../adapters/cloudflare/find-wrangler.ts';
import { runWrangler, secretsFile, type WranglerRun } from '../../adapters/cloudflare/wrangler.ts';
import { describeOutcome, succeeded } from '../../adapters/process/run.ts';
import { runCancelled } from '../../core/cancelled.ts';
import { shortId, type WorkerPast } from '../../core/cloudflare/live-state.ts';
import { versionMessage } from '../../core/cloudflare/version-note.ts';
import {
  deployArgv,
  rehearsalArgv,
  triggersArgv,
  uploadArgv,
  type WranglerUpload,
} from '../../core/cloudflare/wrangler-argv.ts';
import { isTokenFault, passingFault, wranglerFailure } from '../../core/cloudflare/wrangler-output.ts';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import type { PreparedWorker } from './prepare-worker.ts';
import { readVersions } from './read-past.ts';
import type { WorkerDeployRequest } from './request.ts';
import { outOfTime, type WorkerWork } from './worker-work.ts';

/** A version that wrangler has uploaded. */
export interface Uploaded {
  readonly versionId: string;
  /** Where it answers by itself; undefined where it does not, or that is not known. */
  readonly previewUrl: string | undefined;
}

/** Wrangler, for one worker. */
export interface WranglerTasks {
  /** Uploads a version that gets no traffic. */
  upload(before: string | undefined, past: WorkerPast): Promise<Uploaded>;
  /**
   * Uploads a version and gives it all traffic. Undefined where wrangler failed: what is live then is for the caller to
   * read.
   */
  deployWhole(before: string | undefined): Promise<LaunchError | undefined>;
  /** @throws LaunchError when they could not be set. */
  triggers(): Promise<void>;
  /** Bundles, and uploads nothing. */
  rehearse(folder: string): Promise<void>;
}

/** How often wrangler is run again after a fault that may pass. */
const repetitions = 2;

export async function openWrangler(
  request: WorkerDeployRequest,
  worker: PreparedWorker,
  work: WorkerWork,
): Promise<WranglerTasks> {
  const { folder, hostEnv, account, environment, by, vars, secrets, signal } = request;
  const wrangler = await findWrangler({ folder, hostEnv, signal: work.over });
  const whose = wrangler.from === 'project' ? 'of the project' : "Launch's own, as the project has none";
  work.reporter.info(`wrangler ${wrangler.version} (${whose})`);
  const task = { configPath: worker.configPath, environment };
  const content = (before: string | undefined): WranglerUpload => ({
    ...task,
    vars,
    tag: worker.tag,
    message: versionMessage(by, before),
    secretsFile: secrets.size > 0 ? secretsFile : undefined,
  });
  const once = async (argv: readonly string[], withSecrets = false): Promise<WranglerRun> => {
    work.goOn();
    return await runWrangler({
      wrangler,
      argv,
      cwd: folder,
      ...account,
      secrets: withSecrets && secrets.size > 0 ? secrets : undefined,
      hostEnv,
      timeout: Math.max(1000, work.timeLeft()),
      signal,
      onLine: (line) => {
        if (line.trim() !== '' && !isHint(line)) work.reporter.output(line);
      },
    });
  };
  /** Until it succeeds, or fails for good; `look` may find that it has done its work all the same. */
  const often = async <T>(
    argv: readonly string[],
    withSecrets: boolean,
    look: (run: WranglerRun) => Promise<T | undefined>,
  ): Promise<T> => {
    for (let repeated = 0; ; repeated += 1) {
      const run = await once(argv, withSecrets);
      const done = await look(run);
      if (done !== undefined) return done;
      const failure = failureOf(run, request, work);
      const pause = passingFault(run.output.failed, run.lines);
      if (pause === undefined || repeated === repetitions || pause > work.timeLeft()) throw failure;
      work.reporter.warning(`${failure.summary} Trying again.`);
      await sleep(pause, undefined, { signal: work.over }).catch(() => work.goOn());
    }
  };
  return {
    upload: async (before, past) => {
      const wanted = content(before);
      const known = new Set(past.versions.map(({ id }) => id));
      return await often(uploadArgv(wanted), true, async ({ result, output }) => {
        const { versionId, previewUrl } = output;
        if (succeeded(result) && versionId !== undefined) return { versionId, previewUrl };
        if (result.outcome !== 'exited') return undefined;
        // It may have failed after the upload, which is all that was wanted of it.
        const versions = await readVersions(work.client, worker.name);
        const found = versions.find(
          ({ id, tag, message }) => !known.has(id) && tag === wanted.tag && message === wanted.message,
        );
        if (found === undefined) return undefined;
        work.notice(
          `wrangler failed, but had uploaded the version ${shortId(found.id)}: going on with that.`,
        );
        return { versionId: found.id, previewUrl: undefined };
      });
    },
    deployWhole: async (before) => {
      try {
        await often(deployArgv(content(before)), true, async (run) =>
          succeeded(run.result) ? true : undefined,
        );
        return undefined;
      } catch (error) {
        if (error instanceof LaunchError) return error;
        throw error;
      }
    },
    triggers: async () => {
      await often(triggersArgv(task), false, async (run) => (succeeded(run.result) ? true : undefined));
    },
    rehearse: async (outdir) => {
      const run = await once(rehearsalArgv(task, outdir));
      if (!succeeded(run.result)) throw failureOf(run, request, work);
    },
  };
}

/** What wrangler would have a person do next; it is done without them. */
function isHint(line: string): boolean {
  return /^(To deploy this version to production traffic|Changes to (non-versioned settings|triggers)) /.test(
    line,
  );
}

function failureOf(
  { result, output, lines }: WranglerRun,
  request: WorkerDeployRequest,
  work: WorkerWork,
): LaunchError {
  if (result.outcome === 'cancelled') return runCancelled();
  if (result.outcome === 'timed-out') return outOfTime(request.timeoutMs);
  const told = work.redact(wranglerFailure(lines) ?? output.failed?.message ?? describeOutcome(result));
  const what = `wrangler failed: ${printable(told, 600).replace(/\.$/, '')}.`;
  if (isTokenFault(output.failed)) {
    return new LaunchError('API_AUTH', what, {
      remedy:
        'Check that the API token is valid, belongs to the account of the account id, and may edit Workers and what the worker is bound to.',
    });
  }
  return new LaunchError('DEPLOY_FAILED', what, {
    remedy: 'Mend what it names; the log has all that it said.',
  });
}
