import { type Container, mergedMap } from '../compose/containers.ts';
import { inputPlace, LaunchError } from '../errors.ts';
import { printable } from '../names.ts';
import type { Problem } from '../problem.ts';
import { joinPath, normalizePath } from '../project/view.ts';
import type { FileList, ServiceSources } from './service-sources.ts';

/**
 * What every service has to have. By default a README.md, a way to deploy (an inferred driver counts) and a way
 * to check its health; an explicit list of files replaces all of that.
 */
export function requiredFileProblems(
  service: ServiceSources,
  files: FileList,
  containers: readonly Container[] | undefined,
  explicit: readonly string[] | undefined,
): Problem[] {
  if (explicit !== undefined) return explicit.flatMap((name) => missing(service, files, name));
  return [
    ...missing(service, files, 'README.md'),
    ...(hasDeployment(service) ? [] : [noDeployment(service)]),
    ...(service.settings === undefined || hasHealthCheck(service, containers)
      ? []
      : [noHealthCheck(service)]),
  ];
}

/** @throws LaunchError CONFIG_INVALID for a name that can't be a file of a service folder. */
export function assertRequiredFiles(names: readonly string[]): void {
  for (const name of names) {
    if (!name.startsWith('/') && (normalizePath(name) ?? '') !== '') continue;
    throw new LaunchError(
      'CONFIG_INVALID',
      `The required file "${printable(name)}" is outside the service folder.`,
      {
        place: inputPlace('required-files'),
        remedy: 'Name files relative to the service folder, for example README.md,deploy.sh,health-check.sh.',
      },
    );
  }
}

export function hasDeployment({ folder }: ServiceSources): boolean {
  const { compose, wrangler, deployScript } = folder.shape;
  return compose !== undefined || wrangler !== undefined || deployScript;
}

function missing(service: ServiceSources, files: FileList, name: string): Problem[] {
  const path = joinPath(service.folder.contentPath, normalizePath(name) ?? name);
  if (files.has(path)) return [];
  return [
    {
      rule: 'required-file',
      severity: 'error',
      message: `The service "${service.name}" has no ${printable(name)}.`,
      remedy: `Add ${printable(path)}.`,
      place: placeInFolder(service),
      service: service.name,
    },
  ];
}

function noDeployment(service: ServiceSources): Problem {
  return {
    rule: 'no-deployment',
    severity: 'error',
    message: `The service "${service.name}" has no way to deploy.`,
    remedy: 'Add a compose file, a wrangler configuration or deploy.sh to its folder.',
    place: placeInFolder(service),
    service: service.name,
  };
}

function noHealthCheck(service: ServiceSources): Problem {
  return {
    rule: 'no-health-check',
    severity: 'error',
    message: `The service "${service.name}" has no way to check its health.`,
    remedy: 'Add health-check.sh, `health` in service.yml, or a `healthcheck` in its compose file.',
    place: placeInFolder(service),
    service: service.name,
  };
}

function hasHealthCheck(
  { folder, settings }: ServiceSources,
  containers: readonly Container[] | undefined,
): boolean {
  if (folder.shape.healthScript || (settings?.health.length ?? 0) > 0) return true;
  // A compose file that is broken is told of elsewhere; its health checks are not known.
  if (folder.shape.compose !== undefined && containers === undefined) return true;
  return (containers ?? []).some((container) => {
    const check = mergedMap(container, 'healthcheck');
    return check['test'] !== undefined && check['disable'] !== true;
  });
}

/** A problem of what is not there is shown at a file that is. */
function placeInFolder({ folder, manifestPath }: ServiceSources): Problem['place'] {
  const { manifest, compose, wrangler, deployScript } = folder.shape;
  const file = manifest ?? compose ?? wrangler ?? (deployScript ? 'deploy.sh' : undefined);
  return { file: file === undefined ? manifestPath : joinPath(folder.contentPath, file), line: 1 };
}
