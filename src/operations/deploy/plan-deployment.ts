import { workingTreeView } from '../../adapters/files/working-tree.ts';
import { git } from '../../adapters/git/command.ts';
import { commitView } from '../../adapters/git/commit-view.ts';
import { objectReader } from '../../adapters/git/object-reader.ts';
import { quietGit } from '../../adapters/snapshot/git.ts';
import type { OuterFiles } from '../../adapters/snapshot/take-snapshot.ts';
import { findStateRoot } from '../../adapters/state/find-state-root.ts';
import { inputPatterns, sharedPatterns } from '../../core/changes/service-patterns.ts';
import { assertNotReserved, portPart } from '../../core/deploy/child-env.ts';
import { registriesOf } from '../../core/deploy/registry.ts';
import { splitRepository } from '../../core/deploy/state-layout.ts';
import { LaunchError } from '../../core/errors.ts';
import { serviceChecks } from '../../core/health/service-checks.ts';
import { findFolder, loadProject, type Project } from '../../core/project/project.ts';
import { loadService, manifestPath, type Placement, type Service } from '../../core/project/service.ts';
import { joinPath, type RepositoryView } from '../../core/project/view.ts';
import { sopsFileName } from '../../core/secrets/sops-file.ts';
import { fingerprintService } from '../fingerprint-service.ts';
import { type LocatedProject, locateProject } from '../locate-project.ts';
import { nameRepository } from '../name-repository.ts';
import type { Reporter } from '../reporter.ts';
import { assembleDeployment } from './assemble-deployment.ts';
import { choosePort } from './choose-port.ts';
import type { Deployment } from './deployment.ts';
import { gatherSecrets } from './gather-secrets.ts';
import { placedOnHost } from './placed-on-host.ts';
import type { DeployRequest } from './request.ts';

/**
 * Reads what the checkout's commit says of the service, and settles everything that can be settled without
 * touching the host.
 *
 * @throws LaunchError SERVICE_NOT_FOUND, TARGET_UNKNOWN, CONFIG_INVALID, SECRET_MISSING, and what `gatherSecrets`
 *   throws
 */
export async function planDeployment(request: DeployRequest, reporter: Reporter): Promise<Deployment> {
  const located = locateProject(request.cwd, request.config);
  const { top } = located;
  const place = quietGit(top);
  const reader = objectReader(place);
  try {
    const commit = (await reader.read('HEAD'))?.id;
    if (commit === undefined) throw noCommit();
    const project = await loadProject(commitView(reader, commit), located);
    const { service, placement, project: seen } = await findPlacement(project, request, located);
    const { settings, folder } = service;
    const manifest = { file: manifestPath(folder) };
    assertDeployable(service, placement, request);
    assertNotReserved([...Object.keys(settings.env), ...settings.secrets], manifest);
    assertNotReserved(request.env.keys(), undefined);
    const registries = registriesOf(project.config);
    const encrypted = joinPath(folder.contentPath, sopsFileName);
    const { chosen, given, hidden } = await gatherSecrets({
      request,
      declared: settings.secrets,
      registries,
      prefix: placement.target.secretPrefix,
      place: manifest,
      files: [{ path: encrypted, read: async () => await seen.view.read(encrypted) }],
    });
    const [fingerprint, repository, stateRoot] = await Promise.all([
      fingerprintService(seen, service, placement),
      request.repository ?? nameRepository(top),
      findStateRoot(request.stateDir, request.hostEnv),
    ]);
    splitRepository(repository);
    const owner = { repository, target: placement.target.name, service: service.name };
    const port = await choosePort(stateRoot, owner, placement.target, manifest);
    // A check that can't be made is told now, and not when the containers have been replaced.
    serviceChecks(service, { cwd: '', env: portPart(port) });
    return assembleDeployment(
      {
        request: { ...request, secrets: given },
        owner,
        service,
        placement: await placedOnHost(service, placement, stateRoot),
        top,
        commit,
        folder: folder.contentPath,
        inputs: [...inputPatterns(folder, settings), ...sharedWith(project, folder.name)],
        fingerprint,
        secrets: chosen,
        hidden,
        registries,
        stateRoot,
        port,
      },
      reporter,
    );
  } finally {
    await reader.close();
  }
}

/** What launch.yml shares with a service is as much a part of it as what it declares itself. */
function sharedWith({ config, root, configPath }: Project, service: string): OuterFiles[] {
  return sharedPatterns(config, root, configPath)
    .filter((entry) => entry.concerns(service))
    .flatMap((entry) => entry.patterns);
}

/** The one place the service goes to: the only one it has, or the one that `target` names. */
async function findPlacement(
  project: Project,
  request: DeployRequest,
  located: LocatedProject,
): Promise<{ readonly service: Service; readonly placement: Placement; readonly project: Project }> {
  const folder = findFolder(project, request.service);
  const options = request.target === undefined ? {} : { target: request.target };
  if (folder.kind === 'submodule') {
    // Its content is another repository's: it can only be read where it is checked out.
    const view = withCheckedOut(project.view, folder.path, workingTreeView(located.top));
    const seen = await loadProject(view, located);
    return { ...single(await loadService(seen, findFolder(seen, request.service), options)), project };
  }
  return { ...single(await loadService(project, folder, options)), project };
}

function single(service: Service): { readonly service: Service; readonly placement: Placement } {
  const [placement, ...others] = service.placements;
  if (placement !== undefined && others.length === 0) return { service, placement };
  throw new LaunchError(
    'CONFIG_INVALID',
    `"${service.name}" has several targets: ${service.placements.map((it) => it.target.name).join(', ')}.`,
    {
      place: { file: manifestPath(service.folder) },
      remedy: 'Name the one to deploy to with `target`.',
    },
  );
}

function withCheckedOut(view: RepositoryView, path: string, tree: RepositoryView): RepositoryView {
  const isInside = (it: string) => it === path || it.startsWith(`${path}/`);
  return {
    entries: async (it) => await (isInside(it) ? tree : view).entries(it),
    read: async (it) => await (isInside(it) ? tree : view).read(it),
  };
}

function assertDeployable(service: Service, placement: Placement, request: DeployRequest): void {
  const place = { file: manifestPath(service.folder) };
  if (placement.driver === 'worker') {
    throw new LaunchError('CONFIG_INVALID', `"${service.name}" is a Cloudflare Worker.`, {
      place,
      remedy:
        'This version of Launch deploys compose and script services. Set `enabled: false` until it deploys workers.',
    });
  }
  if (!service.settings.enabled) {
    throw new LaunchError('CONFIG_INVALID', `"${service.name}" is switched off.`, {
      place,
      remedy: 'Remove `enabled: false` to deploy it.',
    });
  }
  const strategy = request.strategy ?? service.settings.strategy;
  if (strategy === 'recreate') return;
  if (placement.driver === 'script' || service.folder.shape.deployScript) {
    throw new LaunchError(
      'CONFIG_INVALID',
      `"${service.name}" has a deploy.sh, with which only the strategy recreate is possible, not ${strategy}.`,
      { place, remedy: 'Remove deploy.sh, so that Launch starts the containers itself, or use recreate.' },
    );
  }
}

/** Files of the service that differ from the commit: what a person may think is deployed, and is not. */
export async function countUncommitted(deployment: Deployment): Promise<number> {
  const args = ['status', '--porcelain', '-z', '--untracked-files=normal', '--', deployment.folder];
  const answer = await git(quietGit(deployment.top), args);
  return answer.exitCode === 0 ? answer.stdout.split('\0').filter((line) => line !== '').length : 0;
}

function noCommit(): LaunchError {
  return new LaunchError('CONFIG_INVALID', 'The repository has no commit yet.', {
    remedy: 'Commit the service first: what is deployed is always a commit.',
  });
}
