import type { VerifyResult } from '../../core/cloudflare/verify-result.ts';
import { redactor } from '../../core/secrets/redact.ts';
import { secretValue } from '../../core/secrets/secret-value.ts';
import { findTarget } from '../../core/targets/target.ts';
import { withCommittedProject } from '../find-placement.ts';
import type { Reporter } from '../reporter.ts';
import { defaultLiveTests, hasLiveTests, runLiveTests } from './live-tests.ts';
import { liveUrls, type OpenedWorker, workersOn } from './live-urls.ts';
import { planWorker } from './plan-worker.ts';
import { readNotes } from './read-notes.ts';
import { readDeployments } from './read-past.ts';
import { takeBack } from './take-back.ts';
import { verifySet } from './verify-set.ts';
import { beginWork } from './worker-work.ts';

export interface VerifyRequest {
  /** A folder of the checkout. */
  readonly cwd: string;
  /** `launch.yml` elsewhere, relative to the top of the repository. */
  readonly config: string | undefined;
  readonly target: string;
  /** All workers that the run planned for the target, in the order in which they are deployed. */
  readonly services: readonly string[];
  /** A folder with what the deploy jobs noted. */
  readonly notes: string;
  /** For a shell. */
  readonly command: string;
  readonly atomic: boolean;
  /** Masked by the caller. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly apiToken: string | undefined;
  readonly accountId: string | undefined;
  /** For the tests. */
  readonly timeoutMs: number;
  readonly hostEnv: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** For what Cloudflare is asked, in milliseconds. */
const askingMs = 120_000;

/**
 * Tests what a run has deployed to a target, as `verifySet` does, in a checkout and with what its deploy jobs noted.
 *
 * @throws LaunchError CONFIG_INVALID, TARGET_UNKNOWN, SERVICE_NOT_FOUND, SECRET_MISSING, API_AUTH, API_ERROR, TIMEOUT,
 *   CANCELLED, SUPERSEDED: nothing was changed
 */
export async function verifyWorkers(request: VerifyRequest, reporter: Reporter): Promise<VerifyResult> {
  const { cwd, config, target, services, secrets, hostEnv, signal, command } = request;
  const { top, prefix, workers } = await withCommittedProject(request, async ({ located, project }) => ({
    top: located.top,
    prefix: findTarget(project.config, target, { file: 'the `target` input' }).secretPrefix,
    workers: await workersOn(project, target),
  }));
  const open = async (service: string): Promise<OpenedWorker> => {
    const { apiToken, accountId } = request;
    const planned = await planWorker({
      cwd,
      config,
      service,
      target,
      apiToken,
      accountId,
      secrets,
      hostEnv,
      vars: new Map(),
      gradual: [],
      force: false,
      dryRun: false,
      timeoutMs: askingMs,
    });
    const { name, routes } = planned.located;
    return { name, routes, work: beginWork(planned, secrets.values(), reporter) };
  };
  const tests = {
    cwd: top,
    command,
    hostEnv,
    signal,
    timeoutMs: request.timeoutMs,
    apiKey: secretValue('TEST_API_KEY', prefix, secrets),
    redact: redactor(secrets.values()),
  };
  const areThere = hasLiveTests(tests);
  if (!areThere) {
    reporter.warning(
      `There are no end-to-end tests: the package.json at the top has no script "test:e2e", which \`${defaultLiveTests}\` would run. The workers are live untested.`,
    );
  }
  const notes = await readNotes(request.notes, target);
  const known = services.filter((service) => notes.get(service)?.url !== undefined);
  return await verifySet(
    {
      target,
      services,
      notes,
      atomic: request.atomic,
      others: areThere ? await liveUrls(without(workers, known), open, reporter) : {},
      liveShares: async (service) => {
        const { name, work } = await open(service);
        return (await readDeployments(work.client, name))?.[0]?.shares ?? [];
      },
      test: areThere ? async (urls) => await runLiveTests(tests, urls, reporter) : undefined,
      goBack: async (service, { from, to }) => {
        const { name, work } = await open(service);
        return (await takeBack(work, { worker: name, old: to, failed: from, touched: false })).because;
      },
    },
    reporter,
  );
}

function without(all: readonly string[], some: readonly string[]): readonly string[] {
  return all.filter((name) => !some.includes(name));
}
