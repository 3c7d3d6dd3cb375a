import {
  type ComposeFile,
  type ComposeService,
  composeOverrideNames,
} from '../../core/compose/compose-file.ts';
import { type Container, extendedPath, mergeContainers } from '../../core/compose/containers.ts';
import { composeFile } from '../../core/compose/read-compose-file.ts';
import { printable } from '../../core/names.ts';
import type { Problem } from '../../core/problem.ts';
import { joinPath } from '../../core/project/view.ts';
import type { FileList } from '../../core/validation/service-sources.ts';
import { readConfig } from './read-config.ts';

/** The compose files of a service, read. */
export interface ComposeSources {
  /** The compose file and, where there is one, its override file: in the order in which they are merged. */
  readonly files: readonly [ComposeFile, ...ComposeFile[]];
  /** Files of the repository that hold services which these extend. */
  readonly extended: readonly ComposeFile[];
  /** What all of them come to. */
  readonly containers: readonly Container[];
  /** False when one of the files is broken, or leads to one that no compose parser should read. */
  readonly complete: boolean;
}

export interface ReadCompose {
  readonly sources: ComposeSources | undefined;
  readonly problems: readonly Problem[];
}

export interface ComposeLocation {
  readonly top: string;
  /** The service's folder, and the compose file's name in it. */
  readonly folder: string;
  readonly name: string;
  readonly files: FileList;
  readonly variables: Readonly<Record<string, string>>;
}

/** Reads a service's compose file with the override file that a deployment merges into it, and what they extend. */
export async function readComposeFiles(location: ComposeLocation): Promise<ReadCompose> {
  const { top, folder, name, files, variables } = location;
  const override = composeOverrideNames.find((it) => files.has(joinPath(folder, it)));
  const base = await readFile(top, joinPath(folder, name));
  const added = override === undefined ? undefined : await readFile(top, joinPath(folder, override));
  const problems = [...base.problems, ...(added?.problems ?? [])];
  if (base.file === undefined) return { sources: undefined, problems };
  const own: [ComposeFile, ...ComposeFile[]] = [
    base.file,
    ...(added?.file === undefined ? [] : [added.file]),
  ];
  const extended = await readExtended(location, own);
  const byPath = new Map([...own.map((file) => [file.yaml.file, file] as const), ...extended.files]);
  const containers = mergeContainers(own, { variables, fileAt: (path) => byPath.get(path) });
  const complete = extended.complete && (added === undefined || added.file !== undefined);
  return {
    sources: { files: own, extended: [...extended.files.values()], containers, complete },
    problems: [...problems, ...extended.problems],
  };
}

/** More files than this no person keeps track of. */
const mostExtended = 50;

interface ExtendedFiles {
  /** By the path under which they are extended. */
  readonly files: ReadonlyMap<string, ComposeFile>;
  readonly problems: readonly Problem[];
  readonly complete: boolean;
}

/** Follows `extends` from file to file; only to what is listed as a file of the repository. */
async function readExtended(
  { top, files, variables }: ComposeLocation,
  own: readonly ComposeFile[],
): Promise<ExtendedFiles> {
  const seen = new Set(own.map(({ yaml }) => yaml.file));
  const queue = [...own];
  const found = new Map<string, ComposeFile>();
  const problems: Problem[] = [];
  let complete = true;
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    for (const service of file.services.filter(({ value }) => value['extends'] !== undefined)) {
      const path = extendedPath(file, service, variables);
      if (path !== undefined && seen.has(path)) continue;
      if (path === undefined || !files.has(path) || found.size >= mostExtended) {
        complete = false;
        // Of the service's own files, that is told with the other paths they name.
        if (!own.includes(file)) problems.push(notInRepository(file, service));
        continue;
      }
      seen.add(path);
      const read = await readFile(top, path);
      problems.push(...read.problems);
      complete &&= read.file !== undefined;
      if (read.file === undefined) continue;
      found.set(path, read.file);
      queue.push(read.file);
    }
  }
  return { files: found, problems, complete };
}

function notInRepository({ yaml }: ComposeFile, { name, path }: ComposeService): Problem {
  return {
    rule: 'path-missing',
    severity: 'error',
    message: `"${printable(name)}" extends a file that is not in the repository.`,
    remedy: 'Add and commit it, or correct the path; it is relative to the file that names it.',
    place: yaml.placeOfValue([...path, 'extends', 'file']),
  };
}

async function readFile(
  top: string,
  path: string,
): Promise<{ readonly file: ComposeFile | undefined; readonly problems: readonly Problem[] }> {
  const { yaml, problems } = await readConfig(top, path);
  return { file: yaml === undefined ? undefined : composeFile(yaml), problems };
}
