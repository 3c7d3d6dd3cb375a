import type { WranglerConfig } from '../core/cloudflare/wrangler-config.ts';
import type { ServiceFolder } from '../core/project/discover.ts';
import type { Project } from '../core/project/project.ts';
import { joinPath, readText } from '../core/project/view.ts';

/** Which workers of a project bind which others. */
export interface WorkerBindings {
  /** The services whose workers the worker of this one binds; empty for what is no worker, or can't be read. */
  of(folder: ServiceFolder): Promise<readonly string[]>;
}

/** Reads a configuration only when it is asked for; all of them only where one binds something. */
export function workerBindings(project: Project): WorkerBindings {
  const read = new Map<string, Promise<WranglerConfig | undefined>>();
  const configOf = async (folder: ServiceFolder): Promise<WranglerConfig | undefined> => {
    const known = read.get(folder.name) ?? readConfig(project, folder);
    read.set(folder.name, known);
    return await known;
  };
  let services: Promise<ReadonlyMap<string, string>> | undefined;
  const serviceOf = async (): Promise<ReadonlyMap<string, string>> => {
    const { deployedNames } = await import('../core/cloudflare/bound-workers.ts');
    const named = await Promise.all(
      project.folders.map(async (folder) => {
        const config = await configOf(folder);
        const names = config === undefined ? [] : [...deployedNames(config)];
        return names.map((name) => [name, folder.name] as const);
      }),
    );
    return new Map(named.flat());
  };
  return {
    async of(folder) {
      const config = await configOf(folder);
      if (config === undefined) return [];
      const { boundWorkers } = await import('../core/cloudflare/bound-workers.ts');
      const bound = boundWorkers(config);
      if (bound.size === 0) return [];
      services ??= serviceOf();
      const byWorker = await services;
      const found = [...bound].flatMap((worker) => byWorker.get(worker) ?? []);
      return [...new Set(found)].filter((name) => name !== folder.name);
    },
  };
}

/** What is wrong with a configuration is told by its validation, and by wrangler. */
async function readConfig(
  project: Project,
  { shape, contentPath }: ServiceFolder,
): Promise<WranglerConfig | undefined> {
  if (shape.wrangler === undefined) return undefined;
  const path = joinPath(contentPath, shape.wrangler);
  const text = await readText(project.view, path);
  if (text === undefined) return undefined;
  // Its parsers are loaded only where there is something for them.
  const { readWranglerConfig } = await import('../core/cloudflare/wrangler-config.ts');
  const reading = readWranglerConfig(text, path);
  return reading.ok ? reading.config : undefined;
}
