import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ServiceState } from '../../adapters/state/service-state.ts';
import type { Release } from '../../core/deploy/release.ts';
import { layout } from '../../core/deploy/state-layout.ts';
import { type Deployment, releaseEnv } from './deployment.ts';
import type { Driver } from './driver.ts';
import { runCommand } from './run-script.ts';
import { checksOf, verifyRelease } from './verify-release.ts';

const scriptName = 'remove.sh';

/** As the release has it: the commit of today has none any more. */
function removeScript(state: ServiceState, { id, folder }: Release): string {
  return join(state.releaseFolder(id), layout.snapshot, folder, scriptName);
}

async function isProgram(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true && (found.mode & 0o111) !== 0;
}

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
    async mayTakeDown(release) {
      const script = state && removeScript(state, release);
      if (script !== undefined && (await isProgram(script))) return undefined;
      return `The release ${release.id} has no executable ${scriptName}, so Launch does not know how to take it down.`;
    },
    async takeDown(release) {
      const script = state && removeScript(state, release);
      if (script === undefined) return { reason: `${release.id} is not here`, lines: [] };
      const failure = await runCommand(deployment, {
        title: `${scriptName} of ${owner.service} (${release.id})`,
        command: [`./${scriptName}`],
        cwd: dirname(script),
        env: releaseEnv(deployment, release),
      });
      return failure ?? { containers: [], volumes: [], notices: [] };
    },
    rehearse: async () => [`run ${folder}/deploy.sh`],
    close: () => {},
  };
}
