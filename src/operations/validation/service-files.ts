import picomatch from 'picomatch';
import { type ListedFile, walk } from '../../adapters/files/file-list.ts';
import type { ServiceFolder } from '../../core/project/discover.ts';
import { joinPath, normalizePath } from '../../core/project/view.ts';
import type { FileList } from '../../core/validation/service-sources.ts';

/** The files of the repository, found by service. */
export interface RepositoryFiles extends FileList {
  get(path: string): ListedFile | undefined;
  /** The files in a service's folder. */
  of(folder: ServiceFolder): readonly ListedFile[];
  /** The files outside of the folder that `inputs` add. */
  inputsOf(folder: ServiceFolder, inputs: readonly string[]): readonly ListedFile[];
}

export function repositoryFiles(
  top: string,
  listed: readonly ListedFile[],
  folders: readonly ServiceFolder[],
): RepositoryFiles {
  // Git lists a submodule as one entry; what is in it is on disk, when it was checked out.
  const services = new Set(folders.map((folder) => folder.contentPath));
  const files = listed
    .filter((file) => file.kind === 'submodule' && services.has(file.path))
    .flatMap((file) => walk(top, file.path))
    .concat(listed);
  const byPath = new Map(files.map((file) => [file.path, file]));
  const byFolder = groupByFolder(byPath.values(), services);
  let parents: Set<string> | undefined;
  return {
    has: (path) => byPath.has(path),
    get: (path) => byPath.get(path),
    hasFolder(path) {
      parents ??= foldersOf(byPath.keys());
      return path === '' || parents.has(path);
    },
    matches(glob) {
      const matcher = picomatch(glob, { dot: true });
      return [...byPath.keys()].some((path) => matcher(path));
    },
    of: (folder) => byFolder.get(folder.contentPath) ?? [],
    inputsOf(folder, inputs) {
      const globs = inputs.flatMap((input) => normalizePath(joinPath(folder.contentPath, input)) ?? []);
      if (globs.length === 0) return [];
      const matcher = picomatch(
        globs.flatMap((glob) => [glob, `${glob}/**`]),
        { dot: true },
      );
      const own = `${folder.contentPath}/`;
      return [...byPath.values()].filter((file) => !file.path.startsWith(own) && matcher(file.path));
    },
  };
}

/** Each file with the outermost of the folders it is in. */
function groupByFolder(files: Iterable<ListedFile>, folders: ReadonlySet<string>): Map<string, ListedFile[]> {
  const groups = new Map<string, ListedFile[]>();
  for (const file of files) {
    for (let cut = file.path.indexOf('/'); cut >= 0; cut = file.path.indexOf('/', cut + 1)) {
      const folder = file.path.slice(0, cut);
      if (!folders.has(folder)) continue;
      const group = groups.get(folder);
      if (group === undefined) groups.set(folder, [file]);
      else group.push(file);
      break;
    }
  }
  return groups;
}

function foldersOf(paths: Iterable<string>): Set<string> {
  const folders = new Set<string>();
  for (const path of paths) {
    for (let cut = path.lastIndexOf('/'); cut > 0; cut = path.lastIndexOf('/', cut - 1)) {
      const folder = path.slice(0, cut);
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  }
  return folders;
}
