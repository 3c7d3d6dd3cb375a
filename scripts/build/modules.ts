import { join, relative } from 'node:path';
import * as z from 'zod/mini';

const moduleStats = z.object({
  identifier: z.optional(z.string()),
  nameForCondition: z.optional(z.nullable(z.string())),
  chunks: z.optional(z.array(z.union([z.string(), z.number()]))),
  usedExports: z.optional(z.nullable(z.union([z.boolean(), z.array(z.string())]))),
  get modules() {
    return z.optional(z.array(moduleStats));
  },
});
type ModuleStats = z.infer<typeof moduleStats>;

const stats = z.object({ modules: z.array(moduleStats) });

/** What to ask ncc's statistics for. */
export const statsOptions = {
  all: false,
  modules: true,
  nestedModules: true,
  modulesSpace: Number.POSITIVE_INFINITY,
  nestedModulesSpace: Number.POSITIVE_INFINITY,
  groupModulesByType: false,
  ids: true,
  usedExports: true,
  runtimeModules: false,
  orphanModules: false,
};

/** A source file in the bundle. */
export interface BundledModule {
  readonly file: string;
  /** The files of `dist/` it lies in. More than one means it is bundled more than once. */
  readonly chunks: readonly (string | number)[];
  /** The exports that somebody uses; undefined when it may be all of them. */
  readonly exports: readonly string[] | undefined;
}

/** What was imported and is nowhere; ncc puts a module in its place that throws when it is reached. */
export function missingModules(json: unknown): string[] {
  const names = allModules(json).map(({ identifier = '' }) => /@@notfound\.js\?(.*)$/.exec(identifier)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}

export function readModules(json: unknown): BundledModule[] {
  return allModules(json)
    .flatMap(({ nameForCondition: file, chunks = [], usedExports }) =>
      typeof file === 'string' && chunks.length > 0 && !file.endsWith('/@@notfound.js')
        ? { file, chunks, exports: Array.isArray(usedExports) ? usedExports : undefined }
        : [],
    )
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}

function allModules(json: unknown): ModuleStats[] {
  return z.parse(stats, json).modules.flatMap((module) => [module, ...withChunksOf(module)]);
}

/** Modules that were merged into `module` lie where it lies. */
function withChunksOf(module: ModuleStats): ModuleStats[] {
  return (module.modules ?? [])
    .filter((inner) => inner.nameForCondition !== module.nameForCondition)
    .map((inner) => ({ ...inner, chunks: module.chunks }));
}

/** Files that are bundled more than once: in several chunks, or as separate modules. */
export function bundledTwice(modules: readonly BundledModule[]): BundledModule[] {
  const byFile = Map.groupBy(modules, (module) => module.file);
  return [...byFile.values()].flatMap((copies) => {
    const [first] = copies;
    const chunks = copies.flatMap((copy) => copy.chunks);
    return first === undefined || chunks.length < 2 ? [] : { ...first, chunks };
  });
}

/** The packages whose code is in the bundle, by the folder they were found in. */
export function packagesOf(modules: readonly BundledModule[], folder: string): string[] {
  const folders = modules.flatMap(({ file }) => {
    const match = /^((?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(relative(folder, file));
    return match?.[1] === undefined ? [] : join(folder, match[1]);
  });
  return [...new Set(folders)].sort();
}
