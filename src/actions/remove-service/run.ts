import { nothingRemoved, type RemovalResult } from '../../core/deploy/removal-result.ts';
import { LaunchError } from '../../core/errors.ts';
import { commitWithout, type RemovingCommit } from '../../operations/removing-commit.ts';
import { mask } from '../../runner/mask.ts';
import { jobLog } from '../../runner/reporter.ts';
import { runContext } from '../../runner/run.ts';
import type { RemoveInputs } from './inputs.ts';

/** Takes it down where it was; that nothing of it is there is no fault. */
export async function remove(given: RemoveInputs, signal: AbortSignal): Promise<RemovalResult> {
  const cwd = process.cwd();
  const { repository, actor, url, order, trigger } = runContext();
  const commit = { ...(await commitWithout({ cwd, config: given.config }, given)), order };
  if (given.driver === 'worker') return await removeFromCloudflare(given, commit, signal);
  const [{ removeService }, { nameRepository }] = await Promise.all([
    import('../../operations/remove-service.ts'),
    import('../../operations/name-repository.ts'),
  ]);
  const started = performance.now();
  try {
    const known = {
      repository: repository ?? (await nameRepository(cwd)),
      by: actor,
      runUrl: url,
      trigger,
      hostEnv: process.env,
      onSecrets: mask,
    };
    return await removeService({ ...given, ...known, commit, signal }, jobLog);
  } catch (error) {
    if (!(error instanceof LaunchError) || error.code !== 'SERVICE_NOT_FOUND') throw error;
    return {
      ...nothingRemoved,
      service: given.service,
      target: given.target,
      durationMs: Math.round(performance.now() - started),
      notices: [error.summary],
    };
  }
}

async function removeFromCloudflare(
  given: RemoveInputs,
  commit: RemovingCommit,
  signal: AbortSignal,
): Promise<RemovalResult> {
  const [{ removeWorker }, { chooseCredentials }] = await Promise.all([
    import('../../operations/worker/remove-worker.ts'),
    import('../../core/cloudflare/credentials.ts'),
  ]);
  const { service, target, worker = '', secrets, secretPrefix: prefix, timeoutMs } = given;
  const sources = { secrets, prefix, env: process.env, apiToken: undefined, accountId: undefined };
  const account = chooseCredentials({ ...sources, configured: given.accountId }, true);
  mask([account.apiToken]);
  return await removeWorker(
    { service, target, worker, commit, account, timeoutMs, hostEnv: process.env, signal },
    jobLog,
  );
}
