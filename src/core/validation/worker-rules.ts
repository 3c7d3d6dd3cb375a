import { isEnvironmentName, isWorkerName, workerNameRule } from '../cloudflare/worker-name.ts';
import {
  assertEnvironmentChosen,
  chooseEnvironment,
  type WorkerSettings,
} from '../cloudflare/wrangler-config.ts';
import { printable } from '../names.ts';
import type { Problem } from '../problem.ts';
import { envNames } from '../project/target-settings.ts';
import { pathProblems } from './reach.ts';
import type { FileList } from './service-sources.ts';
import { problemOf } from './settings-rules.ts';
import { bindingProblems } from './worker-binding-rules.ts';
import { atKey, deploymentsOf, type WorkerSource } from './worker-source.ts';

/** What is wrong with one worker, whatever others there are. */
export function workerProblems(worker: WorkerSource, files: FileList): Problem[] {
  const deployments = deploymentsOf(worker);
  return [
    ...nameProblems(worker, deployments),
    ...entryProblems(worker, files),
    ...secretProblems(worker, deployments),
    ...bindingProblems(worker, deployments),
    ...commentProblems(worker),
    ...unreadProblems(worker),
  ];
}

/** Whether each of the service's targets leads to an environment of the worker, or needs none. */
export function environmentChoiceProblems(
  { config, service }: WorkerSource,
  targets: readonly { readonly environment?: string | undefined }[],
): Problem[] {
  return targets.flatMap(({ environment }) => {
    try {
      assertEnvironmentChosen(config, chooseEnvironment(config, undefined, environment));
      return [];
    } catch (error) {
      return [problemOf(error, 'worker-environment', service.name)];
    }
  });
}

function nameProblems(worker: WorkerSource, deployments: readonly WorkerSettings[]): Problem[] {
  const environments = worker.config.environments
    .filter((name) => !isEnvironmentName(name))
    .map((name) =>
      atKey(worker, ['env', name], 'worker-name', {
        message: `The environment "${printable(name, 80)}" has a name that can't be a part of a worker's.`,
        remedy: 'Use letters, digits, underscores and hyphens.',
      }),
    );
  const names = deployments.flatMap(({ name, environment }) => {
    if (name !== undefined && isWorkerName(name)) return [];
    // The name of the environment has been told.
    if (environment !== undefined && !isEnvironmentName(environment)) return [];
    const path = environment === undefined ? ['name'] : ['env', environment, 'name'];
    return [
      atKey(worker, path, 'worker-name', {
        message:
          name === undefined
            ? 'The worker has no name.'
            : `"${printable(name, 80)}" can't be the name of a worker.`,
        remedy: workerNameRule,
      }),
    ];
  });
  return [...environments, ...names];
}

function entryProblems(worker: WorkerSource, files: FileList): Problem[] {
  const { config, service } = worker;
  const { raw, settings } = config;
  const entries = [
    { main: settings.main, path: ['main'] },
    ...Object.entries(settings.env ?? {}).map(([name, { main }]) => ({ main, path: ['env', name, 'main'] })),
  ];
  // What a build of its own makes is not in the repository.
  const isBuilt = 'build' in raw || Object.values(settings.env ?? {}).some((own) => 'build' in own);
  const isAnything = entries.some(({ main }) => main !== undefined) || 'assets' in raw || 'site' in raw;
  const hasAssets = Object.values(settings.env ?? {}).some((own) => 'assets' in own);
  if (!isAnything && !hasAssets) {
    const message = 'The wrangler configuration names neither an entry file nor assets.';
    const remedy = 'Add `"main": "src/index.ts"`, or whatever file begins the worker.';
    return [atKey(worker, [], 'worker-entry', { message, remedy })];
  }
  return entries.flatMap(({ main, path }) => {
    if (main === undefined || (isBuilt && !files.has(main))) return [];
    const place = config.placeOf(path);
    return pathProblems(service, files, {
      relative: main,
      subject: 'The entry file',
      place,
      mustExist: true,
    });
  });
}

function secretProblems(worker: WorkerSource, deployments: readonly WorkerSettings[]): Problem[] {
  const { service } = worker;
  const declared = service.settings?.secrets ?? [];
  const own = service.settings === undefined ? new Set() : envNames(service.settings);
  const both = declared.flatMap((name, index): Problem[] => {
    const where = deployments.filter(({ vars }) => Object.hasOwn(vars, name));
    if (where.length === 0 && !own.has(name)) return [];
    const [first] = where;
    const names = where.map(({ environment }) => environment ?? 'the top').join(', ');
    return [
      {
        rule: 'worker-secret-variable',
        severity: 'error',
        message: `The secret ${name} is also a variable${first === undefined ? ' under `env`' : ` of the worker (${names})`}.`,
        remedy: 'Remove it from the variables.',
        place: service.manifest?.placeOf(['secrets', index]) ?? { file: service.manifestPath, line: 1 },
        service: service.name,
      },
    ];
  });
  if (service.settings === undefined) return both;
  const undeclared = deployments.flatMap(({ requiredSecrets, environment }) =>
    requiredSecrets
      .filter((name) => !declared.includes(name))
      .map((name) => {
        const base = environment === undefined ? [] : ['env', environment];
        return atKey(worker, [...base, 'secrets', 'required'], 'worker-secret-undeclared', {
          message: `The worker requires the secret ${printable(name, 80)}, which service.yml does not declare.`,
          remedy: 'Add it to `secrets` in service.yml.',
        });
      }),
  );
  return [...both, ...undeclared];
}

/** `database_id = "…"`, `"id": "…"` and the like. */
const writtenId = /(?:^|[^\w])["']?(?:\w+_)?id["']?\s*[:=]\s*["'][^"']/;

function commentProblems({ config, service }: WorkerSource): Problem[] {
  return config
    .comments()
    .filter(({ text }) => writtenId.test(text))
    .map(
      ({ place }): Problem => ({
        rule: 'worker-commented-id',
        severity: 'warning',
        message: 'An id stands in a comment.',
        remedy: 'Remove it: the account knows the id by the name.',
        place,
        service: service.name,
      }),
    );
}

function unreadProblems({ config, unread, service }: WorkerSource): Problem[] {
  return unread.map(
    (file): Problem => ({
      rule: 'worker-two-configs',
      severity: 'warning',
      message: `Wrangler reads ${config.file.slice(config.file.lastIndexOf('/') + 1)} and ignores this file.`,
      remedy: 'Remove the one that is not meant.',
      place: { file, line: 1 },
      service: service.name,
    }),
  );
}
