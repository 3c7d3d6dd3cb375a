import { join } from 'node:path';
import pLimit from 'p-limit';
import { hashedTree } from '../../adapters/files/hashed-tree.ts';
import { git, gitPlace } from '../../adapters/git/command.ts';
import { type Migration, migrationsTable } from '../../core/cloudflare/d1-migrations.ts';
import { defaultResourceName } from '../../core/cloudflare/worker-name.ts';
import {
  chooseEnvironment,
  parseWranglerConfig,
  type WranglerConfig,
  workerSettings,
} from '../../core/cloudflare/wrangler-config.ts';
import type { HealthCheck } from '../../core/health/check.ts';
import type { Instance } from '../../core/instances/instance.ts';
import type { SourceWorker } from '../../core/instances/instance-workers.ts';
import type { ServiceFolder } from '../../core/project/discover.ts';
import { loadProject, type Project } from '../../core/project/project.ts';
import { loadService, type Service } from '../../core/project/service.ts';
import { joinPath, normalizePath, readText } from '../../core/project/view.ts';
import { fingerprintService } from '../fingerprint-service.ts';
import { type LocatedProject, locateProject } from '../locate-project.ts';
import { workerChecks } from '../worker/worker-checks.ts';
import { workerHooks } from '../worker/worker-hooks.ts';
import type { MigrationFolder } from './migrate-database.ts';

/** A worker of the checkout, with all that a copy of it is deployed from. */
export interface LoadedWorker extends SourceWorker {
  /** Absolute. */
  readonly folder: string;
  readonly configPath: string;
  readonly environment: string | undefined;
  readonly vars: ReadonlyMap<string, string>;
  /** The smoke test of a copy that has these variables and secrets. Each http check asks a path, wherever it answers. */
  checks(vars: ReadonlyMap<string, string>, secrets: ReadonlyMap<string, string>): readonly HealthCheck[];
  /** Absolute; copies share what it builds. */
  readonly buildHook: string | undefined;
  /** One at a time: for what a build hook makes. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /** Of the databases that it uses in any environment. */
  readonly databases: readonly string[];
  /** By the name of the database. */
  readonly migrations: ReadonlyMap<string, MigrationFolder>;
  /** Of the files as they lie there. */
  readonly fingerprint: string;
}

export interface LoadedWorkers {
  readonly workers: readonly LoadedWorker[];
  /** Undefined where something lies there that is not committed. */
  readonly commit: string | undefined;
}

/** The workers that an instance may have copies of. */
export async function loadWorkersOf(
  { cwd, hostEnv }: { readonly cwd: string; readonly hostEnv: NodeJS.ProcessEnv },
  { environment }: Instance,
): Promise<LoadedWorkers> {
  return await loadWorkers(locateProject(cwd), environment, hostEnv);
}

/**
 * The workers of a checkout, as the files lie there.
 *
 * @throws LaunchError CONFIG_INVALID at the line that is wrong
 */
export async function loadWorkers(
  located: LocatedProject,
  environment: Instance['environment'],
  hostEnv: NodeJS.ProcessEnv,
): Promise<LoadedWorkers> {
  const project = await loadProject(await hashedTree(located.top, isByproduct), located);
  const folders = project.folders.filter(({ shape }) => shape.wrangler !== undefined);
  const workers = await Promise.all(
    folders.map(async (folder) => {
      const service = await loadService(project, folder);
      if (!service.settings.enabled) return [];
      if (service.placements.every(({ driver }) => driver !== 'worker')) return [];
      return [await loadWorker({ project, service, top: located.top, environment, hostEnv })];
    }),
  );
  return { workers: workers.flat(), commit: await commitOf(located.top) };
}

interface Loading {
  readonly project: Project;
  readonly service: Service;
  readonly top: string;
  readonly environment: string;
  readonly hostEnv: NodeJS.ProcessEnv;
}

async function loadWorker(loading: Loading): Promise<LoadedWorker> {
  const { project, service, top, hostEnv } = loading;
  const { folder, settings: manifest } = service;
  const file = joinPath(folder.contentPath, folder.shape.wrangler ?? '');
  const config = parseWranglerConfig((await readText(project.view, file)) ?? '', file);
  const environment = chooseEnvironment(config, undefined, loading.environment);
  const settings = workerSettings(config, environment);
  const name = config.settings.name ?? service.name;
  const inEnvironments = config.environments.flatMap((one) => workerSettings(config, one).name ?? []);
  const cwd = join(top, folder.contentPath);
  return {
    service: service.name,
    name,
    settings,
    deployedAs: [...new Set([name, ...inEnvironments])],
    secrets: [...new Set([...manifest.secrets, ...settings.requiredSecrets])],
    dependsOn: manifest['depends-on'],
    file,
    folder: cwd,
    configPath: join(top, file),
    environment,
    vars: new Map(Object.entries(manifest.env)),
    checks: (vars, secrets) =>
      workerChecks(service, { folder: cwd, hostEnv, vars, secrets, target: undefined }).map(asPath),
    buildHook: workerHooks(service, top).build,
    inTurn: pLimit(1),
    databases: [undefined, ...config.environments].flatMap((one) =>
      workerSettings(config, one).d1.flatMap(({ database_name: database }) => database ?? []),
    ),
    migrations: await readMigrations(project, config, environment, folder),
    fingerprint: await fingerprintOf(project, service),
  };
}

async function fingerprintOf(project: Project, service: Service): Promise<string> {
  const [first] = service.placements;
  const placement = service.placements.find(({ driver }) => driver === 'worker') ?? first;
  if (placement === undefined) throw new Error(`${service.name} has no target`);
  return await fingerprintService(project, service, placement);
}

/** Undefined where nothing has been committed, or something lies there that has not. */
async function commitOf(top: string): Promise<string | undefined> {
  const place = gitPlace(top, true);
  const [head, status] = await Promise.all([
    git(place, ['rev-parse', '--verify', 'HEAD^{commit}']),
    git(place, ['status', '--porcelain=v1', '-z', '--', '.', ':(exclude)instances']),
  ]);
  const isClean = status.exitCode === 0 && status.stdout === '';
  return head.exitCode === 0 && isClean ? head.stdout.trim() : undefined;
}

/** What wrangler and npm leave behind, where nobody has told git to ignore it. */
function isByproduct(path: string): boolean {
  return /(^|\/)(\.wrangler|node_modules)\//.test(path);
}

/** An address in service.yml is that of the worker itself; its copy answers elsewhere. */
function asPath(check: HealthCheck): HealthCheck {
  if (check.kind !== 'http' || !URL.canParse(check.url)) return check;
  const { pathname, search } = new URL(check.url);
  return { ...check, url: `${pathname}${search}` };
}

async function readMigrations(
  { view }: Project,
  config: WranglerConfig,
  environment: string | undefined,
  folder: ServiceFolder,
): Promise<ReadonlyMap<string, MigrationFolder>> {
  const settings = workerSettings(config, environment);
  const found = await Promise.all(
    settings.d1.map(async (binding) => {
      const path = normalizePath(joinPath(folder.contentPath, binding.migrations_dir ?? 'migrations'));
      const entries = path === undefined ? undefined : await view.entries(path);
      if (path === undefined || entries === undefined) return [];
      const names = entries.filter(({ kind, name }) => kind === 'file' && name.endsWith('.sql'));
      const files = await Promise.all(
        names.map(
          async ({ name }): Promise<Migration> => ({
            name,
            sql: (await readText(view, joinPath(path, name))) ?? '',
          }),
        ),
      );
      const worker = config.settings.name ?? folder.name;
      const database = binding.database_name ?? defaultResourceName(worker, binding.binding);
      const table = binding.migrations_table ?? migrationsTable;
      return [[database, { folder: path, table, files }] as const];
    }),
  );
  return new Map(found.flat());
}
