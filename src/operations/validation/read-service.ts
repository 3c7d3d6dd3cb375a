import { readSource } from '../../adapters/files/source-file.ts';
import type { SharedPatterns } from '../../core/changes/service-patterns.ts';
import { parseDotEnv } from '../../core/compose/compose-file.ts';
import type { Problem } from '../../core/problem.ts';
import type { ServiceFolder } from '../../core/project/discover.ts';
import type { Project } from '../../core/project/project.ts';
import { loadServiceFile, manifestPath } from '../../core/project/service.ts';
import { joinPath } from '../../core/project/view.ts';
import type { FileList, ServiceSources } from '../../core/validation/service-sources.ts';
import type { ComposeSources, ReadCompose } from './read-compose.ts';
import { type ReadConfig, readConfig } from './read-config.ts';
import type { ReadWorker } from './read-worker.ts';

/** A service's configuration as it was read, with what is wrong with it. */
export interface ReadService extends ServiceSources {
  /** Undefined when there is no compose file, or it is no YAML. */
  readonly compose: ComposeSources | undefined;
  /** Undefined when there is no wrangler configuration. */
  readonly worker: ReadWorker | undefined;
  readonly problems: readonly Problem[];
}

export interface ReadingContext {
  readonly top: string;
  readonly project: Project;
  readonly files: FileList;
  /** The `shared` entries of launch.yml. */
  readonly shared: readonly SharedPatterns[];
}

/**
 * Reads `service.yml`, the compose files and `.env` of a service. What is wrong with them is told, never thrown.
 * YAML is loaded only for a service that has some: that takes longer than reading a thousand that have none.
 */
export async function readService(context: ReadingContext, folder: ServiceFolder): Promise<ReadService> {
  const { top, project, files, shared } = context;
  const path = manifestPath(folder);
  const manifest = folder.shape.manifest === undefined ? undefined : await readManifest(top, path);
  const settings = manifest === undefined ? await loadServiceFile(project, folder) : manifest.settings;
  const dotEnv = readSource(top, joinPath(folder.contentPath, '.env'));
  const env = { ...(dotEnv.kind === 'text' ? parseDotEnv(dotEnv.text) : {}), ...settings?.env };
  const compose = await readCompose(top, folder, files, env);
  const worker = await readWorkerConfig(top, folder, files);
  const problems = [...(manifest?.problems ?? []), ...(compose?.problems ?? []), ...(worker?.problems ?? [])];
  return {
    name: folder.name,
    folder,
    settings,
    manifest: manifest?.yaml,
    manifestPath: path,
    shared: shared.filter((entry) => entry.concerns(folder.name)).flatMap((entry) => entry.patterns),
    env,
    compose: compose?.sources,
    worker,
    problems: problems.map((problem) => ({ ...problem, service: folder.name })),
  };
}

async function readCompose(
  top: string,
  { contentPath, shape }: ServiceFolder,
  files: FileList,
  variables: ServiceSources['env'],
): Promise<ReadCompose | undefined> {
  if (shape.compose === undefined) return undefined;
  const { readComposeFiles } = await import('./read-compose.ts');
  return await readComposeFiles({ top, folder: contentPath, name: shape.compose, files, variables });
}

async function readWorkerConfig(
  top: string,
  folder: ServiceFolder,
  files: FileList,
): Promise<ReadWorker | undefined> {
  if (folder.shape.wrangler === undefined) return undefined;
  const { readWorker } = await import('./read-worker.ts');
  return readWorker(top, folder, folder.shape.wrangler, files);
}

interface ReadManifest extends ReadConfig {
  readonly settings: ServiceSources['settings'];
}

async function readManifest(top: string, path: string): Promise<ReadManifest> {
  const read = await readConfig(top, path);
  if (read.yaml === undefined) return { ...read, settings: undefined };
  const [{ parseConfig }, { serviceFile }] = await Promise.all([
    import('../../core/config/parse.ts'),
    import('../../core/config/service-file.ts'),
  ]);
  const parsed = parseConfig(serviceFile, read.yaml.text, path);
  return parsed.ok
    ? { ...read, settings: parsed.value }
    : { ...read, settings: undefined, problems: parsed.problems };
}
