import { join } from 'node:path';
import { workingTreeView } from '../../adapters/files/working-tree.ts';
import type { ServiceState } from '../../adapters/state/service-state.ts';
import type { Owner } from '../../core/deploy/additions.ts';
import type { Release } from '../../core/deploy/release.ts';
import { layout } from '../../core/deploy/state-layout.ts';
import { joinPath } from '../../core/project/view.ts';
import { sopsFileName } from '../../core/secrets/sops-file.ts';
import type { Reporter } from '../reporter.ts';
import { assembleDeployment } from './assemble-deployment.ts';
import type { Deployment } from './deployment.ts';
import { gatherSecrets, type SecretsFile } from './gather-secrets.ts';
import { placedOnHost } from './placed-on-host.ts';
import { serviceOfRelease } from './release-service.ts';
import type { DeployRequest } from './request.ts';

export interface RollbackPlace {
  readonly owner: Owner;
  readonly stateRoot: string;
  readonly request: DeployRequest;
}

/**
 * The deployment of a release of before. All of it comes from what is kept on the host: the commit that is
 * checked out, if any is, may well be the one that has to go.
 *
 * @throws LaunchError SECRET_MISSING that names all that the release had been given
 */
export async function planRollback(
  { owner, stateRoot, request }: RollbackPlace,
  state: ServiceState,
  release: Release,
  reporter: Reporter,
  /** The one that this takes the place of, under the same lock. */
  planned?: Pick<Deployment, 'interruption' | 'charge'>,
): Promise<Deployment> {
  const path = state.releaseFolder(release.id);
  const service = await serviceOfRelease(release, join(path, layout.snapshot));
  const [placement] = service.placements;
  if (placement === undefined) throw new Error('a release has one placement');
  const current = await state.readCurrent();
  const registries = release.registries ?? [];
  const { chosen, given, hidden } = await gatherSecrets({
    request,
    declared: release.secretNames,
    registries,
    prefix: release.secretPrefix,
    place: { file: join(layout.releases, release.id, layout.record) },
    // A secret that was rotated since is of no use any more: what the old file says only fills gaps.
    files: [...(current === undefined ? [] : [current]), release].map((it) => encryptedFile(state, it)),
  });
  const added = (current?.secretNames ?? []).filter((name) => !release.secretNames.includes(name));
  const notices =
    added.length === 0
      ? []
      : [
          `${release.id} knew no ${added.join(', ')}, which the release before this rollback was given: not handed over.`,
        ];
  return assembleDeployment(
    {
      request: { ...request, secrets: given, env: new Map(Object.entries(release.env ?? {})) },
      owner,
      service,
      placement: await placedOnHost(service, placement, stateRoot),
      top: state.folder,
      commit: release.commit,
      folder: release.folder,
      inputs: [],
      fingerprint: release.fingerprint,
      secrets: chosen,
      hidden,
      registries,
      stateRoot,
      port: current?.port ?? release.port,
      restores: { release, path },
      notices,
      interruption: planned?.interruption,
      charge: planned?.charge,
    },
    reporter,
  );
}

/** As it is kept in the release's snapshot. */
function encryptedFile(state: ServiceState, { id, folder }: Release): SecretsFile {
  const path = joinPath(folder, sopsFileName);
  const view = workingTreeView(join(state.releaseFolder(id), layout.snapshot));
  return { path: `${path} of ${id}`, read: async () => await view.read(path) };
}
