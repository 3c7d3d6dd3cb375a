import { join } from 'node:path';
import { workingTreeView } from '../../adapters/files/working-tree.ts';
import type { ServiceState } from '../../adapters/state/service-state.ts';
import type { Owner } from '../../core/deploy/additions.ts';
import type { Release } from '../../core/deploy/release.ts';
import { layout } from '../../core/deploy/state-layout.ts';
import { LaunchError } from '../../core/errors.ts';
import { noLaunchFile } from '../../core/project/project.ts';
import { loadServiceFile, type Placement, type Service } from '../../core/project/service.ts';
import { shapeOf } from '../../core/project/shape.ts';
import { chooseSecrets } from '../../core/secrets/choose-secrets.ts';
import type { Reporter } from '../reporter.ts';
import { assembleDeployment } from './assemble-deployment.ts';
import type { Deployment } from './deployment.ts';
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
): Promise<Deployment> {
  const path = state.releaseFolder(release.id);
  const service = await serviceOf(release, join(path, layout.snapshot));
  const [placement] = service.placements;
  if (placement === undefined) throw new Error('a release has one placement');
  const secrets = chooseSecrets({
    declared: release.secretNames,
    prefix: release.secretPrefix,
    given: request.secrets,
    place: { file: join(layout.releases, release.id, layout.record) },
  });
  const current = await state.readCurrent();
  const added = (current?.secretNames ?? []).filter((name) => !release.secretNames.includes(name));
  const notices =
    added.length === 0
      ? []
      : [
          `${release.id} knew no ${added.join(', ')}, which the release before this rollback was given: not handed over.`,
        ];
  for (const notice of notices) reporter.info(notice);
  return assembleDeployment(
    {
      request: { ...request, env: new Map(Object.entries(release.env ?? {})) },
      owner,
      service,
      placement,
      top: state.folder,
      commit: release.commit,
      folder: release.folder,
      inputs: [],
      fingerprint: release.fingerprint,
      secrets,
      registries: release.registries ?? [],
      stateRoot,
      restores: { release, path },
      notices,
    },
    reporter,
  );
}

/** The service as its release's own files describe it. */
async function serviceOf(release: Release, snapshot: string): Promise<Service> {
  const view = workingTreeView(snapshot);
  const shape = shapeOf((await view.entries(release.folder)) ?? []);
  if (shape === undefined || release.driver === 'worker') {
    throw new LaunchError(
      'CONFIG_INVALID',
      `The files of the release ${release.id} are not there any more.`,
      {
        remedy: 'Nothing has been changed. Go back to another release, or revert the commit and push.',
      },
    );
  }
  const { service: name, folder: contentPath } = release;
  const folder = { name, path: contentPath, contentPath, kind: 'folder', id: '', shape } as const;
  const project = { view, root: '', configPath: 'launch.yml', config: noLaunchFile, folders: [folder] };
  const target = {
    name: release.target,
    runsOn: 'self-hosted',
    ...(release.secretPrefix === undefined ? {} : { secretPrefix: release.secretPrefix }),
  };
  const placement: Placement = { target, source: 'input', driver: release.driver, url: release.url };
  return { name, folder, settings: await loadServiceFile(project, folder), placements: [placement] };
}
