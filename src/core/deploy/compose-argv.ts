export type Argv = readonly [string, ...string[]];

/** The program that is compose: the plugin, or version 1, which was a program of its own. */
export type ComposeProgram = 'docker compose' | 'docker-compose';

export interface ComposeProject {
  readonly program: ComposeProgram;
  /** Compose files, in the order in which they are merged. */
  readonly files: readonly string[];
  /** Undefined where the file's own `name` decides. */
  readonly project?: string;
  /** Undefined where the file itself names its folder. */
  readonly folder?: string;
}

/** The whole file with every variable filled in, as JSON (version 1 prints YAML). Prints secrets: never logged. */
export function configArgv(project: ComposeProject): Argv {
  const format = project.program === 'docker compose' ? ['--format', 'json'] : [];
  return [...start(project), 'config', ...format];
}

/** What the engine would do, without doing it; version 1 can't say. */
export function dryRunArgv(project: ComposeProject): Argv {
  return ['docker', 'compose', '--dry-run', ...where(project), 'up', '--detach', '--remove-orphans'];
}

/** What it would do with the containers of these services alone; their images have to be here. */
export function probeArgv(project: ComposeProject, services: readonly string[]): Argv {
  const up = ['up', '--detach', '--no-deps', '--no-build', '--pull', 'never', ...services];
  return ['docker', 'compose', '--progress', 'plain', '--dry-run', ...where(project), ...up];
}

/** Everything has been pulled and built before; nothing may be now, because old containers are about to stop. */
export function upArgv(project: ComposeProject): Argv {
  return [...start(project), ...upArguments(project)];
}

/** What compose compares to know whether a container is out of date: a line `service hash` for each. */
export function hashArgv(project: ComposeProject): Argv {
  return [...start(project), 'config', '--hash', '*'];
}

/** The names of all compose services, those included that only a profile brings in; version 1 can't say. */
export function serviceNamesArgv(project: ComposeProject): Argv {
  return ['docker', 'compose', '--profile', '*', ...where(project), 'config', '--services'];
}

/**
 * Adds containers of these services until there are as many as `scale` says, with the new configuration. What
 * is there already stays as it is, whatever its configuration.
 */
export function upBesideArgv(project: ComposeProject, scale: ReadonlyMap<string, number>): Argv {
  const counts = [...scale].flatMap(([service, count]) => ['--scale', `${service}=${count}`]);
  return [...start(project), ...beside, ...counts, ...scale.keys()];
}

/** What of the old containers compose would touch all the same, because of a network that has changed. */
export function dryRunBesideArgv(project: ComposeProject, services: readonly string[]): Argv {
  return ['docker', 'compose', '--dry-run', ...where(project), ...beside, ...services];
}

const beside = ['up', '--detach', '--no-deps', '--no-recreate', '--no-build', '--pull', 'never'];

export function pullArgv(project: ComposeProject, services: readonly string[]): Argv {
  return [...start(project), 'pull', '--quiet', ...services];
}

export function buildArgv(project: ComposeProject, services: readonly string[]): Argv {
  return [...start(project), 'build', ...services];
}

function upArguments(project: ComposeProject): string[] {
  const never = project.program === 'docker compose' ? ['--pull', 'never'] : [];
  return ['up', '--detach', '--remove-orphans', '--no-build', ...never];
}

function start(project: ComposeProject): Argv {
  return project.program === 'docker compose'
    ? ['docker', 'compose', '--progress', 'plain', ...where(project)]
    : ['docker-compose', '--ansi', 'never', ...where(project)];
}

function where(project: ComposeProject): string[] {
  return [
    ...(project.project === undefined ? [] : ['--project-name', project.project]),
    ...(project.folder === undefined ? [] : ['--project-directory', project.folder]),
    ...project.files.flatMap((file) => ['--file', file]),
  ];
}
