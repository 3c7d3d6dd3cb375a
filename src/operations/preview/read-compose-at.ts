import {
  type ComposeFile,
  composeOverrideNames,
  listOf,
  mapOf,
  parseDotEnv,
} from '../../core/compose/compose-file.ts';
import { extendedPath } from '../../core/compose/containers.ts';
import { composeFile } from '../../core/compose/read-compose-file.ts';
import { interpolate } from '../../core/compose/variables.ts';
import { readYaml } from '../../core/config/yaml-source.ts';
import type { ServiceFolder } from '../../core/project/discover.ts';
import { joinPath, normalizePath, type RepositoryView, readText } from '../../core/project/view.ts';

/** The compose files of a service in one state of the repository. */
export type ComposeAt =
  | {
      readonly ok: true;
      /** In the order in which they are merged; what they include comes first. */
      readonly files: readonly ComposeFile[];
      readonly fileAt: (path: string) => ComposeFile | undefined;
      readonly dotEnv: Readonly<Record<string, string>>;
    }
  /** A clause. */
  | { readonly ok: false; readonly why: string };

/** More files, or longer ones, no person keeps track of. */
const mostFiles = 50;
const longest = 256 * 1024;

/** Reads a service's compose files with their override file, and what they include and extend, from a commit. */
export async function readComposeAt(
  view: RepositoryView,
  { contentPath, shape }: ServiceFolder,
  variables: Readonly<Record<string, string>>,
): Promise<ComposeAt> {
  if (shape.compose === undefined) return { ok: false, why: 'it has no compose file' };
  const entries = new Set((await view.entries(contentPath))?.map(({ name }) => name));
  const override = composeOverrideNames.find((name) => entries.has(name));
  const own = [shape.compose, ...(override === undefined ? [] : [override])];
  const dotEnv = entries.has('.env')
    ? parseDotEnv((await readText(view, joinPath(contentPath, '.env'))) ?? '')
    : {};
  const known = new Map<string, ComposeFile | undefined>();
  const scope = { ...dotEnv, ...variables };
  let trouble: string | undefined;

  const read = async (path: string): Promise<ComposeFile | undefined> => {
    if (known.has(path) || known.size >= mostFiles) return known.get(path);
    known.set(path, undefined);
    const text = await readText(view, path);
    if (text === undefined) return undefined;
    const reading = text.length > longest ? undefined : readYaml(text, path);
    if (reading?.ok !== true) {
      trouble ??= `${path} ${reading === undefined ? 'is too long' : 'is no valid YAML'}`;
      return undefined;
    }
    const file = composeFile(reading.yaml);
    known.set(path, file);
    for (const extended of extendedPaths(file, scope)) await read(extended);
    return file;
  };

  /** What a file includes stands before it: it may not be changed by it, only added to. */
  const withIncluded = async (path: string, seen: ReadonlySet<string>): Promise<ComposeFile[]> => {
    if (seen.has(path)) return [];
    const file = await read(path);
    if (file === undefined) return [];
    const found: ComposeFile[] = [];
    for (const inner of includedPaths(file, scope)) {
      found.push(...(await withIncluded(inner, new Set([...seen, path]))));
      if (found.length > mostFiles) break;
    }
    return [...found, file];
  };

  const files: ComposeFile[] = [];
  for (const name of own) files.push(...(await withIncluded(joinPath(contentPath, name), new Set())));
  if (trouble !== undefined) return { ok: false, why: trouble };
  return { ok: true, files, fileAt: (path) => known.get(path), dotEnv };
}

function extendedPaths(file: ComposeFile, variables: Readonly<Record<string, string>>): string[] {
  return file.services.flatMap((service) =>
    service.value['extends'] === undefined ? [] : (extendedPath(file, service, variables) ?? []),
  );
}

/** Only files of the repository; what lies elsewhere is not fetched. */
function includedPaths({ yaml, value }: ComposeFile, variables: Readonly<Record<string, string>>): string[] {
  const folder = yaml.file.slice(0, Math.max(0, yaml.file.lastIndexOf('/')));
  return listOf(mapOf(value)['include']).flatMap((item) => {
    const path = typeof item === 'string' ? item : mapOf(item)['path'];
    return [path].flat().flatMap((it) => {
      const relative = typeof it === 'string' ? interpolate(it, variables) : undefined;
      if (relative === undefined || relative.startsWith('/') || relative.includes('://')) return [];
      return normalizePath(joinPath(folder, relative)) ?? [];
    });
  });
}
