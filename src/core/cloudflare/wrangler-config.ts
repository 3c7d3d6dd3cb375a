import * as z from 'zod/mini';
import { describeIssue } from '../config/issue-problems.ts';
import { LaunchError, type Place } from '../errors.ts';
import { printable } from '../names.ts';
import { didYouMean } from '../nearest.ts';
import { hasAny, type Problem, problemsToError } from '../problem.ts';
import {
  type D1Binding,
  type DurableObjectBinding,
  type DurableObjectMigration,
  type KvBinding,
  type R2Binding,
  type RateLimitBinding,
  type ServiceBinding,
  type WranglerEnvironment,
  type WranglerFile,
  type WranglerRoute,
  wranglerFile,
} from './wrangler-file.ts';
import { type Comment, readWranglerSource } from './wrangler-source.ts';

/** A wrangler configuration that was read well. */
export interface WranglerConfig {
  /** Where it stands in the repository. */
  readonly file: string;
  /** What Launch reads of it. */
  readonly settings: WranglerFile;
  /** The whole of it, as written. */
  readonly raw: Readonly<Record<string, unknown>>;
  /** The names of its environments, in the order of the file. */
  readonly environments: readonly string[];
  /** The place of the key or list item at `path`, or of the deepest part of it that exists. */
  placeOf(path: readonly PropertyKey[]): Place;
  /** What stands in comments, line by line. */
  comments(): readonly Comment[];
}

export type WranglerReading =
  | { readonly ok: true; readonly config: WranglerConfig }
  | { readonly ok: false; readonly problems: readonly [Problem, ...Problem[]] };

/** Something of a list in the configuration, with the path to it. */
export type Located<T> = T & { readonly path: readonly PropertyKey[] };

/** A worker as one environment of its configuration deploys it, with what that inherits from the top. */
export interface WorkerSettings {
  /** Undefined for the top of the file. */
  readonly environment: string | undefined;
  /** The name under which it is deployed: `<name>-<environment>` where the environment names none. */
  readonly name: string | undefined;
  readonly accountId: string | undefined;
  /** The entry file, relative to the configuration. */
  readonly main: string | undefined;
  /** As written; undefined where wrangler decides: on, unless there are routes. */
  readonly workersDev: boolean | undefined;
  readonly previewUrls: boolean | undefined;
  readonly routes: readonly WranglerRoute[];
  readonly migrations: readonly DurableObjectMigration[];
  // What an environment does not inherit:
  readonly vars: Readonly<Record<string, unknown>>;
  readonly requiredSecrets: readonly string[];
  readonly d1: readonly Located<D1Binding>[];
  readonly r2: readonly Located<R2Binding>[];
  readonly kv: readonly Located<KvBinding>[];
  readonly services: readonly Located<ServiceBinding>[];
  readonly durableObjects: readonly Located<DurableObjectBinding>[];
  readonly rateLimits: readonly Located<RateLimitBinding>[];
}

/** Reads `wrangler.json`, `.jsonc` or `.toml`, or tells everything that is wrong with it. */
export function readWranglerConfig(text: string, file: string): WranglerReading {
  const reading = readWranglerSource(text, file);
  if (!reading.ok) return { ok: false, problems: [reading.problem] };
  const { source } = reading;
  const parsed = z.safeParse(wranglerFile, source.value, { reportInput: true });
  if (parsed.success) {
    const settings = parsed.data;
    const environments = Object.keys(settings.env ?? {});
    const raw = { ...(source.value as object) };
    return { ok: true, config: { ...source, file, settings, raw, environments } };
  }
  const problems = parsed.error.issues.flatMap((issue) =>
    describeIssue(issue, wranglerFile, (path, key) =>
      source.placeOf(key === undefined ? path : [...path, key]),
    ),
  );
  return {
    ok: false,
    problems: hasAny(problems) ? problems : [unusable(file)],
  };
}

/** @throws LaunchError CONFIG_INVALID at the line that is wrong. */
export function parseWranglerConfig(text: string, file: string): WranglerConfig {
  const reading = readWranglerConfig(text, file);
  if (!reading.ok) throw problemsToError(reading.problems);
  return reading.config;
}

/**
 * The environment to deploy: the one that is asked for; else the one that is called like the target's GitHub
 * environment; else the top of the file, which is `undefined`.
 *
 * @throws LaunchError CONFIG_INVALID for one that is asked for and not there.
 */
export function chooseEnvironment(
  config: WranglerConfig,
  asked: string | undefined,
  ofTarget?: string,
): string | undefined {
  if (asked !== undefined && asked !== '') {
    if (config.environments.includes(asked)) return asked;
    throw noSuchEnvironment(config, asked);
  }
  return ofTarget !== undefined && config.environments.includes(ofTarget) ? ofTarget : undefined;
}

/**
 * That the top of the file is not deployed by mistake: where environments have bindings and the top has none, a worker
 * without them would come of it.
 *
 * @throws LaunchError CONFIG_INVALID
 */
export function assertEnvironmentChosen(config: WranglerConfig, environment: string | undefined): void {
  if (environment !== undefined || isBound(workerSettings(config))) return;
  const bound = config.environments.filter((name) => isBound(workerSettings(config, name)));
  if (bound.length === 0) return;
  throw new LaunchError('CONFIG_INVALID', 'No environment of the worker was chosen.', {
    place: config.placeOf(['env']),
    remedy: `Without one the worker would have no bindings. Choose ${bound.join(', ')}: by the input \`env\`, or by \`environment\` of its target in launch.yml.`,
  });
}

/** Whether it has anything that environments do not inherit. */
export function isBound({ vars, d1, r2, kv, services, durableObjects, rateLimits }: WorkerSettings): boolean {
  return [d1, r2, kv, services, durableObjects, rateLimits, Object.keys(vars)].some(
    (list) => list.length > 0,
  );
}

/**
 * The worker as it is deployed in `environment`, or by the top of the file.
 *
 * @throws LaunchError CONFIG_INVALID for an environment that is not there.
 */
export function workerSettings(config: WranglerConfig, environment?: string): WorkerSettings {
  const { settings: top } = config;
  const own = environment === undefined ? top : environmentOf(config, environment);
  const base: readonly PropertyKey[] = environment === undefined ? [] : ['env', environment];
  const located = <T extends object>(list: readonly T[] | undefined, ...keys: string[]): Located<T>[] =>
    (list ?? []).map((item, index) => ({ ...item, path: [...base, ...keys, index] }));
  return {
    environment,
    name: deployedName(top, own, environment),
    accountId: own.account_id ?? top.account_id,
    main: own.main ?? top.main,
    workersDev: own.workers_dev ?? top.workers_dev,
    previewUrls: own.preview_urls ?? top.preview_urls,
    routes: routesOf(own) ?? routesOf(top) ?? [],
    migrations: own.migrations ?? top.migrations ?? [],
    vars: own.vars ?? {},
    requiredSecrets: own.secrets?.required ?? [],
    d1: located(own.d1_databases, 'd1_databases'),
    r2: located(own.r2_buckets, 'r2_buckets'),
    kv: located(own.kv_namespaces, 'kv_namespaces'),
    services: located(own.services, 'services'),
    durableObjects: located(own.durable_objects?.bindings, 'durable_objects', 'bindings'),
    rateLimits: located(own.ratelimits, 'ratelimits'),
  };
}

function environmentOf(config: WranglerConfig, name: string): WranglerEnvironment {
  const { env } = config.settings;
  const found = env !== undefined && Object.hasOwn(env, name) ? env[name] : undefined;
  if (found === undefined) throw noSuchEnvironment(config, name);
  return found;
}

function noSuchEnvironment(config: WranglerConfig, name: string): LaunchError {
  const summary = `The worker has no environment "${printable(name)}".`;
  const remedy =
    config.environments.length === 0
      ? `Add \`env.${printable(name)}\` to its wrangler configuration, or ask for none.`
      : didYouMean(name, config.environments);
  return new LaunchError('CONFIG_INVALID', summary, { place: config.placeOf(['env']), remedy });
}

function deployedName(
  top: WranglerFile,
  own: WranglerEnvironment,
  environment: string | undefined,
): string | undefined {
  if (environment === undefined || own.name !== undefined) return own.name;
  return top.name === undefined ? undefined : `${top.name}-${environment}`;
}

function routesOf({ route, routes }: WranglerEnvironment): readonly WranglerRoute[] | undefined {
  return routes ?? (route === undefined ? undefined : [route]);
}

function unusable(file: string): Problem {
  return {
    rule: 'config-invalid',
    severity: 'error',
    message: "The wrangler configuration can't be used.",
    remedy: 'Hold it against the schema that its `$schema` names.',
    place: { file, line: 1 },
  };
}
