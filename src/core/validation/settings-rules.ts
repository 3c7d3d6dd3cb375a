import { assertNotReserved } from '../deploy/child-env.ts';
import { LaunchError } from '../errors.ts';
import { printable } from '../names.ts';
import { didYouMean } from '../nearest.ts';
import type { Problem } from '../problem.ts';
import { joinPath, normalizePath } from '../project/view.ts';
import { type Dependent, orderIntoWaves } from '../routing/waves.ts';
import { placeIn } from './per-target.ts';
import { pathProblems } from './reach.ts';
import type { FileList, ServiceSources } from './service-sources.ts';

/** A problem out of what the project's own functions throw. */
export function problemOf(error: unknown, rule: string, service?: string): Problem {
  if (!(error instanceof LaunchError)) throw error;
  return {
    rule: error.code === 'TARGET_UNKNOWN' ? 'target-unknown' : rule,
    severity: 'error',
    message: error.summary,
    remedy: error.remedy,
    place: { file: 'launch.yml', ...error.place },
    ...(service === undefined ? {} : { service }),
  };
}

/** The paths of service.yml: inputs that match nothing or lead out, hooks that do not exist. */
export function settingPathProblems(service: ServiceSources, files: FileList): Problem[] {
  const { settings } = service;
  if (settings === undefined) return [];
  const inputs = settings.inputs.flatMap((input, index): Problem[] => {
    const place = placeIn(service, ['inputs', index]);
    const path = normalizePath(joinPath(service.folder.contentPath, input));
    if (path === undefined) {
      return pathProblems(service, files, { relative: input, subject: 'An input', place, mustExist: false });
    }
    if (files.has(path) || files.hasFolder(path) || files.matches(path)) return [];
    return [
      {
        rule: 'path-missing',
        severity: 'error',
        message: `The input "${printable(input, 80)}" matches no file of the repository.`,
        remedy: 'Correct the pattern; it is relative to the service folder.',
        place,
        service: service.name,
      },
    ];
  });
  const hooks = Object.entries(settings.hooks).flatMap(([hook, relative]) =>
    typeof relative !== 'string'
      ? []
      : pathProblems(service, files, {
          relative,
          subject: `The hook ${hook}`,
          place: placeIn(service, ['hooks', hook]),
          mustExist: true,
        }),
  );
  return [...inputs, ...hooks];
}

/** What is deleted one day is to be stopped then, and nothing says how: the commit that deletes it is too late for that. */
export function noWayDownProblems(
  service: ServiceSources,
  drivers: readonly string[],
  files: FileList,
): Problem[] {
  if (service.settings?.['on-delete'] !== 'stop' || !drivers.includes('script')) return [];
  if (files.has(joinPath(service.folder.contentPath, 'remove.sh'))) return [];
  return [
    {
      rule: 'no-way-down',
      severity: 'warning',
      message: 'When the service is deleted, nothing stops it: it has no remove.sh.',
      remedy: 'Add an executable remove.sh that takes down what deploy.sh has started, and keeps its data.',
      place: placeIn(service, ['on-delete']),
      service: service.name,
    },
  ];
}

/** A path alone is asked of a worker, at the address that it is deployed to; nothing else has one. */
export function pathCheckProblems(service: ServiceSources, drivers: readonly string[]): Problem[] {
  if (drivers.every((driver) => driver === 'worker')) return [];
  return (service.settings?.health ?? []).flatMap(({ http }, index): Problem[] =>
    http?.startsWith('/') === true
      ? [
          {
            rule: 'invalid-value',
            severity: 'error',
            message: `The health check "${printable(http, 80)}" names only a path.`,
            remedy: 'Write the whole URL, such as http://127.0.0.1:3080/health; a path alone is for workers.',
            place: placeIn(service, ['health', index, 'http']),
            service: service.name,
          },
        ]
      : [],
  );
}

/** Variables that a service may not set, because they would steer the tools that deploy it. */
export function environmentProblems(service: ServiceSources): Problem[] {
  const variables = Object.keys(service.settings?.env ?? {}).map((name) => ({ name, path: ['env', name] }));
  const secrets = (service.settings?.secrets ?? []).map((name, at) => ({ name, path: ['secrets', at] }));
  return [...variables, ...secrets].flatMap(({ name, path }): Problem[] => {
    try {
      assertNotReserved([name], placeIn(service, path));
      return [];
    } catch (error) {
      return [problemOf(error, 'reserved-variable', service.name)];
    }
  });
}

/** Two releases side by side: deploy.sh knows nothing of that, and somebody has to lead the requests. */
export function strategyProblems(service: ServiceSources): Problem[] {
  const strategy = service.settings?.strategy ?? 'recreate';
  const { shape } = service.folder;
  if (strategy === 'recreate') return [];
  if (!shape.deployScript) {
    if (service.settings?.route !== undefined) return [];
    return [
      {
        rule: 'strategy-without-route',
        severity: 'error',
        message: `The strategy ${strategy} needs a route, by which the edge proxy leads requests to the new containers.`,
        remedy: 'Add `route: {host, path, port}`, or use `strategy: recreate`.',
        place: placeIn(service, ['strategy']),
        service: service.name,
      },
    ];
  }
  const compose = shape.compose !== undefined && service.settings?.driver !== 'script';
  return [
    {
      rule: 'deploy-script-strategy',
      severity: 'error',
      message: `The strategy ${strategy} does not go with deploy.sh.`,
      remedy: compose
        ? `Remove deploy.sh, the compose driver does ${strategy} itself; or use \`strategy: recreate\`.`
        : 'Use `strategy: recreate`, or deploy by a compose file.',
      place: placeIn(service, ['strategy']),
      service: service.name,
    },
  ];
}

/** Secrets that nothing reads, and those that are known not to be given. */
export function secretProblems(
  service: ServiceSources,
  mentioned: ReadonlySet<string>,
  given: ReadonlySet<string> | undefined,
): Problem[] {
  return (service.settings?.secrets ?? []).flatMap((name, index): Problem[] => {
    const common = { place: placeIn(service, ['secrets', index]), service: service.name };
    const problems: Problem[] = [];
    if (!mentioned.has(name)) {
      problems.push({
        rule: 'unused-secret',
        severity: 'warning',
        message: `The secret ${name} is declared, but no file of the service mentions it.`,
        remedy: 'Remove it from `secrets`, or refer to it.',
        ...common,
      });
    }
    if (given !== undefined && !given.has(name)) {
      problems.push({
        rule: 'missing-secret',
        severity: 'error',
        message: `The secret ${name} is declared, but has no value.`,
        remedy: 'Add it to LAUNCH_SECRETS.',
        ...common,
      });
    }
    return problems;
  });
}

/** Dependencies that do not exist, at their line, and an order that can't be. */
export function dependencyProblems(
  all: readonly ServiceSources[],
  selected: readonly ServiceSources[],
): Problem[] {
  const names = all.map((service) => service.name);
  const known = new Set(names);
  const unknown = selected.flatMap((service) =>
    (service.settings?.['depends-on'] ?? []).flatMap((dependency, index): Problem[] =>
      known.has(dependency)
        ? []
        : [
            {
              rule: 'depends-on-unknown',
              severity: 'error',
              message: `"${service.name}" depends on "${printable(dependency)}", which is no service.`,
              remedy: didYouMean(dependency, names),
              place: placeIn(service, ['depends-on', index]),
              service: service.name,
            },
          ],
    ),
  );
  return [...unknown, ...orderProblems(all, selected, known)];
}

function orderProblems(
  all: readonly ServiceSources[],
  selected: readonly ServiceSources[],
  known: ReadonlySet<string>,
): Problem[] {
  const dependents = all.map(
    (service): Dependent => ({
      name: service.name,
      dependsOn: (service.settings?.['depends-on'] ?? []).filter((name) => known.has(name)),
      file: service.manifestPath,
    }),
  );
  // What the selected ones do not depend on is not their fault.
  const needed = reachable(
    dependents,
    selected.map((service) => service.name),
  );
  try {
    orderIntoWaves(
      dependents.filter((it) => needed.has(it.name)),
      selected.map((service) => service.name),
    );
    return [];
  } catch (error) {
    const found = problemOf(error, 'depends-on-order');
    const service = all.find((it) => it.manifestPath === found.place.file);
    if (service === undefined) return [found];
    return [{ ...found, place: placeIn(service, ['depends-on']), service: service.name }];
  }
}

function reachable(all: readonly Dependent[], from: readonly string[]): Set<string> {
  const byName = new Map(all.map((it) => [it.name, it]));
  const seen = new Set<string>();
  const queue = [...from];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    queue.push(...(byName.get(name)?.dependsOn ?? []));
  }
  return seen;
}
