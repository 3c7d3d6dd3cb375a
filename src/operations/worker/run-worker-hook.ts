import { describeOutcome, run, succeeded } from '../../adapters/process/run.ts';
import { accountName, tokenName } from '../../core/cloudflare/credentials.ts';
import { hostPart } from '../../core/deploy/child-env.ts';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import type { WorkerDeployRequest, WorkerHooks } from './request.ts';
import { outOfTime, type WorkerWork } from './worker-work.ts';

/** @throws LaunchError DEPLOY_FAILED when it fails, CANCELLED, TIMEOUT */
export async function runWorkerHook(
  request: WorkerDeployRequest,
  worker: string,
  work: WorkerWork,
  hook: keyof WorkerHooks,
): Promise<void> {
  const script = request.hooks?.[hook];
  if (script === undefined) return;
  work.goOn();
  const { account, signal } = request;
  const last: string[] = [];
  const result = await work.reporter.group(
    `Hook ${hook} of ${worker}`,
    async () =>
      await run([script], {
        cwd: request.folder,
        env: {
          ...hostPart(request.hostEnv),
          ...Object.fromEntries(request.vars),
          ...Object.fromEntries(request.secrets),
          [tokenName]: account.apiToken,
          [accountName]: account.accountId,
          ...(account.apiUrl === undefined ? {} : { CLOUDFLARE_API_BASE_URL: account.apiUrl }),
          LAUNCH_WORKER: worker,
          LAUNCH_ENVIRONMENT: request.environment ?? '',
        },
        wholeGroup: true,
        timeout: Math.max(1000, work.timeLeft()),
        maxBuffer: 64 * 1024,
        ...(signal === undefined ? {} : { signal }),
        onLine: (line) => {
          work.reporter.output(line);
          last.push(line);
          if (last.length > 3) last.shift();
        },
      }),
  );
  if (succeeded(result)) return;
  if (result.outcome === 'cancelled') work.goOn();
  if (result.outcome === 'timed-out') throw outOfTime(request.timeoutMs);
  const why =
    result.outcome === 'not-started' && result.reason === 'EACCES'
      ? 'the script is not executable (git update-index --chmod=+x makes it so)'
      : describeOutcome(result);
  const said = work.redact(printable(last.join(' '), 300));
  throw new LaunchError(
    'DEPLOY_FAILED',
    `The hook ${hook} failed: ${why}${said === '' ? '' : `: ${said}`}.`,
    {
      remedy: 'Mend the hook, then deploy again.',
    },
  );
}
