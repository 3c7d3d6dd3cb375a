import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { takeSnapshot } from '../../adapters/snapshot/take-snapshot.ts';
import { openServiceState } from '../../adapters/state/service-state.ts';
import { releaseId } from '../../core/deploy/release.ts';
import type { DeployResult } from '../../core/deploy/result.ts';
import { layout } from '../../core/deploy/state-layout.ts';
import type { Deployment } from './deployment.ts';
import { driverFor } from './driver-for.ts';

/** Goes through a deployment as far as that is possible without touching the host, and tells what would follow. */
export async function rehearse(deployment: Deployment, started: number): Promise<DeployResult> {
  const { top, commit, folder, inputs, owner, placement, reporter } = deployment;
  const stateFolder = join(deployment.stateRoot, deployment.stateFolder);
  const state = openServiceState(stateFolder, false);
  const current = await state.readCurrent();
  const driver = await driverFor(deployment, stateFolder, state);
  const path = await mkdtemp(join(tmpdir(), 'launch-rehearsal-'));
  try {
    await driver.assertReady();
    const destination = join(path, layout.snapshot);
    const entries = await takeSnapshot({ top, commit, folder, inputs, destination });
    const id = releaseId(new Date(), commit, await state.listReleases());
    const plan = await driver.rehearse({ id, path, entries }, current);
    for (const line of plan) reporter.info(line);
    return {
      status: 'unchanged',
      service: owner.service,
      target: owner.target,
      release: current?.id ?? '',
      previousRelease: current?.previous,
      commit,
      fingerprint: deployment.fingerprint,
      url: placement.url,
      durationMs: Math.round(performance.now() - started),
      made: [],
      kept: [],
      failure: undefined,
      notPutBack: undefined,
      plan,
    };
  } finally {
    driver.close();
    await rm(path, { recursive: true, force: true });
  }
}
