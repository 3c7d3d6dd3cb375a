import { join } from 'node:path';
import type { ServiceState } from '../../adapters/state/service-state.ts';
import { layout } from '../../core/deploy/state-layout.ts';
import { type Deployment, releaseEnv } from './deployment.ts';
import type { Driver } from './driver.ts';
import { runCommand } from './run-script.ts';
import { checksOf, verifyRelease } from './verify-release.ts';

/**
 * A service that its own deploy.sh brings onto the host. What the script does is its own matter: taking a
 * release back means running the script of the one before, with the values of today.
 */
export function scriptDriver(deployment: Deployment, state: ServiceState | undefined): Driver {
  const { owner, folder } = deployment;
  const runDeploy = async (release: {
    readonly id: string;
    readonly snapshot: string;
    readonly folder: string;
  }) =>
    await runCommand(deployment, {
      title: `deploy.sh of ${owner.service} (${release.id})`,
      command: ['./deploy.sh'],
      cwd: join(release.snapshot, release.folder),
      env: releaseEnv(deployment, release),
    });
  return {
    assertReady: async () => {},
    // Only its checks can tell.
    isRunning: async () => true,
    direct: async (checks) => checks,
    prepare: async () => ({ mounts: [] }),
    lookBefore: async () => ({ before: [] }),
    keep: async () => {},
    async start(draft) {
      await deployment.logins.ensure('all');
      return await runDeploy({ id: draft.id, folder, snapshot: join(draft.path, layout.snapshot) });
    },
    explain: async () => [],
    async verify(release) {
      const checks = await checksOf(deployment, release, releaseEnv(deployment, release));
      if (checks.length === 0) {
        deployment.reporter.warning(
          `"${owner.service}" has no health check: that deploy.sh ended well is all that is known of it.`,
        );
      }
      return await verifyRelease(deployment, { checks, look: undefined, tail: async () => [] });
    },
    describe: async () => ({ images: {}, containers: [], made: [], kept: [] }),
    async putBack({ previous }) {
      const release = previous === undefined ? undefined : await state?.readRelease(previous);
      if (release === undefined || state === undefined) return 'nothing';
      const snapshot = join(state.releaseFolder(release.id), layout.snapshot);
      return (await runDeploy({ id: release.id, folder: release.folder, snapshot })) ?? 'done';
    },
    clear: async () => {},
    switchOver: async () => undefined,
    lookOnceMore: async () => undefined,
    servesAsBefore: async () => false,
    retire: async () => undefined,
    entrance: async () => undefined,
    keepImages: async () => {},
    forgetImages: async () => {},
    settle: async () => {},
    rehearse: async () => [`run ${folder}/deploy.sh`],
    close: () => {},
  };
}
