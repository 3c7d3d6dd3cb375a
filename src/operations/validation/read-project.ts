import type { ListedFile } from '../../adapters/files/file-list.ts';
import type { SharedPatterns } from '../../core/changes/service-patterns.ts';
import type { LaunchFile } from '../../core/config/launch-file.ts';
import { printable } from '../../core/names.ts';
import type { Problem } from '../../core/problem.ts';
import { discoverServices, type ServiceFolder } from '../../core/project/discover.ts';
import { loadProject, noLaunchFile, type Project, type ProjectLocation } from '../../core/project/project.ts';
import { type Entry, joinPath, type RepositoryView, readText } from '../../core/project/view.ts';
import { problemOf } from '../../core/validation/settings-rules.ts';

export interface ReadProject {
  readonly project: Project;
  readonly problems: readonly Problem[];
  /** False when `launch.yml` is broken: whether a target is declared can't be told then. */
  readonly targetsKnown: boolean;
  /** False when not even the service folders could be listed. */
  readonly foldersKnown: boolean;
  /** The names of folders that can't be services; told in `problems`. */
  readonly unusable: ReadonlySet<string>;
  /** The `shared` entries of `launch.yml`. */
  readonly shared: readonly SharedPatterns[];
}

/** The project with every problem of `launch.yml`; as much of it as can be had when that is broken. */
export async function readProject(view: RepositoryView, location: ProjectLocation): Promise<ReadProject> {
  try {
    const project = await loadProject(view, location);
    const read = { project, targetsKnown: true, foldersKnown: true, unusable: new Set<string>() };
    return { ...read, ...(await readShared(project)) };
  } catch (error) {
    return await diagnose(view, location, error);
  }
}

/** What is wrong, all of it, where loading stopped at the first. */
async function diagnose(
  view: RepositoryView,
  location: ProjectLocation,
  error: unknown,
): Promise<ReadProject> {
  const [{ parseConfig }, { launchFile }] = await Promise.all([
    import('../../core/config/parse.ts'),
    import('../../core/config/launch-file.ts'),
  ]);
  const configPath = location.configPath ?? joinPath(location.root, 'launch.yml');
  const text = await readText(view, configPath);
  const parsed = parseConfig(launchFile, text ?? '', configPath);
  const config = parsed.ok ? parsed.value : noLaunchFile;
  const listed = await listFolders(view, location.root, config);
  const project: Project = { view, root: location.root, configPath, config, folders: listed.folders ?? [] };
  const { shared, problems } = await readShared(project);
  // When the file itself is right, it is not there, or one of the folders can't be a service.
  const missing = location.configPath !== undefined && text === undefined;
  const found = missing ? [problemOf(error, 'config-invalid')] : listed.problems;
  return {
    project,
    problems: parsed.ok ? [...found, ...problems] : parsed.problems,
    targetsKnown: parsed.ok,
    foldersKnown: listed.folders !== undefined,
    unusable: listed.unusable,
    shared,
  };
}

/** The `shared` entries that can be used; a pattern that leaves the repository is told. */
async function readShared(project: Project): Promise<Pick<ReadProject, 'shared' | 'problems'>> {
  const { config, root, configPath } = project;
  if (config.shared.length === 0) return { shared: [], problems: [] };
  const { sharedPatterns } = await import('../../core/changes/service-patterns.ts');
  const shared: SharedPatterns[] = [];
  const problems: Problem[] = [];
  for (const entry of config.shared) {
    try {
      shared.push(...sharedPatterns({ ...config, shared: [entry] }, root, configPath));
    } catch (error) {
      problems.push(problemOf(error, 'config-invalid'));
    }
  }
  return { shared, problems };
}

interface ListedFolders {
  /** Undefined when they could not be listed. */
  readonly folders: readonly ServiceFolder[] | undefined;
  readonly problems: readonly Problem[];
  readonly unusable: ReadonlySet<string>;
}

/** More folders than this are not looked for one by one. */
const mostUnusable = 50;

/** The service folders. One that can't be a service is told and left out, so that the others are still checked. */
async function listFolders(
  view: RepositoryView,
  root: string,
  { services }: LaunchFile,
): Promise<ListedFolders> {
  const globs = typeof services === 'string' ? [services] : services;
  const problems: Problem[] = [];
  const hidden = new Set<string>();
  const unusable = new Set<string>();
  while (true) {
    try {
      return { folders: await discoverServices(without(view, hidden), root, globs), problems, unusable };
    } catch (error) {
      const problem = problemOf(error, 'service-folder');
      problems.push(problem);
      const { file } = problem.place;
      // What is not of one folder, or comes again, is not to be mended by leaving one out.
      const parent = file.slice(0, Math.max(0, file.lastIndexOf('/')));
      const siblings = (await view.entries(parent)) ?? [];
      const isFolder = siblings.some(
        ({ name, kind }) =>
          kind !== 'file' && kind !== 'executable' && printable(joinPath(parent, name)) === printable(file),
      );
      if (!isFolder || hidden.has(printable(file)) || hidden.size >= mostUnusable) {
        return { folders: undefined, problems, unusable };
      }
      hidden.add(printable(file));
      unusable.add(file.slice(file.lastIndexOf('/') + 1));
    }
  }
}

function without(view: RepositoryView, hidden: ReadonlySet<string>): RepositoryView {
  if (hidden.size === 0) return view;
  return {
    read: (path) => view.read(path),
    async entries(path) {
      const entries = await view.entries(path);
      return entries?.filter(({ name }) => !hidden.has(printable(joinPath(path, name))));
    },
  };
}

/**
 * The working tree with the submodules that are not checked out: on disk they are empty folders, which would not
 * count as services and so would be missing without a word.
 */
export function withEmptySubmodules(view: RepositoryView, listed: readonly ListedFile[]): RepositoryView {
  const submodules = new Set(listed.filter((file) => file.kind === 'submodule').map((file) => file.path));
  if (submodules.size === 0) return view;
  return {
    read: (path) => view.read(path),
    async entries(path) {
      const entries = await view.entries(path);
      if (entries === undefined) return undefined;
      const looked = entries.map(async (entry): Promise<Entry> => {
        const full = joinPath(path, entry.name);
        if (!submodules.has(full) || ((await view.entries(full)) ?? []).length > 0) return entry;
        return { ...entry, kind: 'submodule' };
      });
      return await Promise.all(looked);
    },
  };
}
