import { outliveClosedOutput } from '../adapters/process/closed-output.ts';
import { type EarlySignals, hearSignals } from '../adapters/process/interruption.ts';
import { seeThrough } from '../adapters/process/see-through.ts';
import { cancelledEarly } from '../core/cancelled.ts';
import { LaunchError } from '../core/errors.ts';
import { failStep, runAction } from '../runner/run-action.ts';

interface ActionModule {
  main(): Promise<void>;
  /** Runs at the end of the job, whatever became of main. */
  post?(): Promise<void>;
}

/** Each action's room, loaded only when it is the one that runs. */
const actions: Readonly<Record<string, () => Promise<ActionModule>>> = {
  'cloudflare-tunnel': () => import('./cloudflare-tunnel/index.ts'),
  'compose-deploy': () => import('./compose-deploy/index.ts'),
  'deploy-instance': () => import('./deploy-instance/index.ts'),
  'detect-changed-services': () => import('./detect-changed-services/index.ts'),
  'health-check': () => import('./health-check/index.ts'),
  'hold-back-dependants': () => import('./hold-back-dependants/index.ts'),
  'pr-comment': () => import('./pr-comment/index.ts'),
  preview: () => import('./preview/index.ts'),
  'remove-service': () => import('./remove-service/index.ts'),
  'resolve-runner-target': () => import('./resolve-runner-target/index.ts'),
  'linode-gpu-provision': () => import('./linode-gpu-provision/index.ts'),
  notify: () => import('./notify/index.ts'),
  rollback: () => import('./rollback/index.ts'),
  'validate-service': () => import('./validate-service/index.ts'),
  'verify-workers': () => import('./verify-workers/index.ts'),
  'write-instance-config': () => import('./write-instance-config/index.ts'),
  'wrangler-deploy': () => import('./wrangler-deploy/index.ts'),
};

/** Called by `dist/<action>/index.js` and `post.js`, the files that `action.yml` names. */
export async function start(
  name: string,
  stage: 'main' | 'post' = 'main',
  early?: EarlySignals,
): Promise<void> {
  outliveClosedOutput();
  if (stage === 'main') hearSignals(() => failStep(cancelledEarly()), early);
  await seeThrough(() =>
    runAction(async () => {
      const load = actions[name];
      if (load === undefined) {
        throw new LaunchError('CONFIG_INVALID', `There is no action "${name}".`, {
          remedy: 'This is a packaging fault; please report it.',
        });
      }
      const room = await load();
      await (stage === 'main' ? room.main() : room.post?.());
    }),
  );
}
