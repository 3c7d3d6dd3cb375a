import { basename, relative, resolve } from 'node:path';
import { workingTreeView } from '../../adapters/files/working-tree.ts';
import { findStateRoot } from '../../adapters/state/find-state-root.ts';
import { serviceFolders } from '../../adapters/state/service-folders.ts';
import { openServiceState } from '../../adapters/state/service-state.ts';
import { loadProject, type Project } from '../../core/project/project.ts';
import { findProject } from '../../operations/locate-project.ts';
import { nameRepository } from '../../operations/name-repository.ts';
import type { CompletedLine, NameKind } from './wanted.ts';

/** The names that there are: of the checkout around `cwd`, and of what was deployed on this machine. */
export async function findNames(of: NameKind, { said }: CompletedLine, cwd: string): Promise<string[]> {
  const folder = resolve(cwd, said.values.get('--directory') ?? '');
  const stateDir = said.values.get('--state-dir');
  switch (of) {
    case 'services':
      return [
        // What was deployed is known even where the checkout is in the middle of an edit.
        ...(await projectAt(folder).catch(() => ({ services: [] }))).services,
        ...(await deployedHere(folder, stateDir)).map(({ at }) => at[3]),
      ];
    case 'targets':
      return (await projectAt(folder)).targets;
    case 'releases':
      return await releasesOf(said.first, await deployedHere(folder, stateDir));
    case 'templates':
      return (await import('../../operations/scaffold/templates.ts')).templateNames();
    case 'instances':
      return (await import('../../operations/instance/find-instance.ts'))
        .instanceFiles(folder)
        .map((file) => basename(file, '.json'));
  }
}

async function projectAt(cwd: string): Promise<{ readonly services: string[]; readonly targets: string[] }> {
  const location = findProject(cwd);
  if (location === undefined) return { services: [], targets: [] };
  const project: Project = await loadProject(workingTreeView(location.top), location);
  return {
    services: project.folders.map(({ name }) => name),
    targets: Object.keys(project.config.targets),
  };
}

interface Deployed {
  /** owner, name, target, service */
  readonly at: readonly [string, string, string, string];
  readonly folder: string;
}

/** Of the repository of the checkout alone, where there is one. */
async function deployedHere(cwd: string, stateDir: string | undefined): Promise<Deployed[]> {
  const location = findProject(cwd);
  const root = findStateRoot(stateDir, process.env);
  const repository = location === undefined ? undefined : await nameRepository(location.top);
  return (await serviceFolders(root))
    .map((folder): Deployed => {
      const [owner = '', name = '', target = '', service = ''] = relative(root, folder).split('/');
      return { at: [owner, name, target, service], folder };
    })
    .filter(({ at: [owner, name] }) => repository === undefined || repository === `${owner}/${name}`);
}

/** Newest first. */
async function releasesOf(service: string | undefined, deployed: readonly Deployed[]): Promise<string[]> {
  const folders = deployed.filter(({ at }) => at[3] === service).map(({ folder }) => folder);
  const ids = await Promise.all(folders.map(async (it) => await openServiceState(it, false).listReleases()));
  return ids.flat().sort().reverse();
}
