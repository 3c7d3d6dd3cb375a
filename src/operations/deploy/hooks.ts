import { join } from 'node:path';
import type { Failure } from '../../core/deploy/result.ts';
import { scriptPath } from '../../core/deploy/script-path.ts';
import { layout } from '../../core/deploy/state-layout.ts';
import { LaunchError } from '../../core/errors.ts';
import { manifestPath } from '../../core/project/service.ts';
import { type Deployment, releaseEnv } from './deployment.ts';
import type { Draft } from './driver.ts';
import { runCommand } from './run-script.ts';

type Hook = 'build' | 'pre-deploy' | 'post-deploy';

/** Runs a hook of the service, if it has one, in the snapshot. */
export async function runHook(
  deployment: Deployment,
  draft: Draft,
  hook: Hook,
): Promise<Failure | undefined> {
  const script = deployment.service.settings.hooks[hook];
  if (script === undefined) return undefined;
  if (hook === 'build') await deployment.logins.ensure('all');
  const snapshot = join(draft.path, layout.snapshot);
  const place = { file: manifestPath(deployment.service.folder) };
  return await runCommand(deployment, {
    title: `Hook ${hook}`,
    command: [join(snapshot, scriptPath(deployment.folder, script, place))],
    cwd: join(snapshot, deployment.folder),
    env: releaseEnv(deployment, draft),
  });
}

/** @throws LaunchError DEPLOY_FAILED when it fails: nothing has been touched yet. */
export async function runHookBefore(
  deployment: Deployment,
  draft: Draft,
  hook: 'build' | 'pre-deploy',
): Promise<void> {
  const failure = await runHook(deployment, draft, hook);
  if (failure === undefined) return;
  const last = failure.lines.slice(-3).join(' ');
  throw new LaunchError('DEPLOY_FAILED', `${failure.reason}${last === '' ? '' : `: ${last}`}.`, {
    remedy: 'What runs has not been touched. Mend the hook, then deploy again.',
  });
}
