import { workingTreeView } from '../adapters/files/working-tree.ts';
import { commitView } from '../adapters/git/commit-view.ts';
import { objectReader } from '../adapters/git/object-reader.ts';
import { quietGit } from '../adapters/snapshot/git.ts';
import { LaunchError } from '../core/errors.ts';
import { findFolder, loadProject, type Project } from '../core/project/project.ts';
import {
  loadService,
  manifestPath,
  type Placement,
  type Service,
  serviceOn,
} from '../core/project/service.ts';
import type { RepositoryView } from '../core/project/view.ts';
import { type LocatedProject, locateProject } from './locate-project.ts';
import { noCommit } from './no-commit.ts';

/** The project as the checkout's commit has it; readable until `use` has ended. */
export interface CommittedProject {
  readonly located: LocatedProject;
  /** A full id. */
  readonly commit: string;
  readonly project: Project;
}

/** @throws LaunchError CONFIG_INVALID without a checkout or a commit, and what `use` throws */
export async function withCommittedProject<T>(
  { cwd, config }: { readonly cwd: string; readonly config?: string | undefined },
  use: (committed: CommittedProject) => Promise<T>,
): Promise<T> {
  const located = locateProject(cwd, config);
  const reader = objectReader(quietGit(located.top));
  try {
    const commit = (await reader.read('HEAD'))?.id;
    if (commit === undefined) throw noCommit();
    return await use({ located, commit, project: await loadProject(commitView(reader, commit), located) });
  } finally {
    await reader.close();
  }
}

/** A service and the one place it goes to. */
export interface FoundPlacement {
  /** As it is on that target. */
  readonly service: Service;
  readonly placement: Placement;
}

/**
 * The service with the only target it has, or the one that `target` names.
 *
 * @throws LaunchError SERVICE_NOT_FOUND, TARGET_UNKNOWN, CONFIG_INVALID
 */
export async function findPlacement(
  { project, located }: Pick<CommittedProject, 'project' | 'located'>,
  asked: { readonly service: string; readonly target?: string | undefined },
): Promise<FoundPlacement> {
  const folder = findFolder(project, asked.service);
  const options = asked.target === undefined ? {} : { target: asked.target };
  if (folder.kind !== 'submodule') {
    return single(await loadService(project, folder, options));
  }
  // Its content is another repository's: it can only be read where it is checked out.
  const view = withCheckedOut(project.view, folder.path, workingTreeView(located.top));
  const checkedOut = await loadProject(view, located);
  return single(await loadService(checkedOut, findFolder(checkedOut, asked.service), options));
}

function single(service: Service): FoundPlacement {
  const [placement, ...others] = service.placements;
  if (placement !== undefined && others.length === 0) {
    return { service: serviceOn(service, placement), placement };
  }
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
