import { LaunchError, type Place } from '../errors.ts';

/** What compose, git and a service's scripts need of the host; nothing else of it reaches them. */
const passed = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'LANGUAGE',
  'TZ',
  'TMPDIR',
  'XDG_RUNTIME_DIR',
  'XDG_CONFIG_HOME',
  'SSH_AUTH_SOCK',
  'DOCKER_HOST',
  'DOCKER_CONTEXT',
  'DOCKER_CONFIG',
  'DOCKER_TLS_VERIFY',
  'DOCKER_CERT_PATH',
  'DOCKER_API_VERSION',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'all_proxy',
]);

export function hostPart(env: NodeJS.ProcessEnv): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && (passed.has(name) || name.startsWith('LC_'))) out[name] = value;
  }
  return out;
}

/**
 * Names by which a service could lead Launch's own commands to another engine, project or program, or get at the
 * key of its secrets file.
 */
const reserved =
  /^(PATH|HOME|LD_PRELOAD|LD_LIBRARY_PATH|BASH_ENV|ENV|DOCKER_.*|COMPOSE_(?!PROFILES$).*|LAUNCH_.*|.*SOPS_AGE_KEY.*)$/;

/**
 * `place`: the file that names them; undefined for those that were given to the run.
 *
 * @throws LaunchError CONFIG_INVALID for a name that a service may not set.
 */
export function assertNotReserved(names: Iterable<string>, place: Place | undefined): void {
  for (const name of names) {
    if (!reserved.test(name)) continue;
    const who = place === undefined ? '`env` (--env at a terminal)' : 'A service';
    throw new LaunchError('CONFIG_INVALID', `${who} can't set the variable ${name} for a deployment.`, {
      ...(place === undefined ? {} : { place }),
      remedy:
        'It steers the tools that deploy. To give it to a container, write it into `environment:` in the compose file.',
    });
  }
}

export interface ServiceValues {
  /** service.yml's `env`. */
  readonly settings: Readonly<Record<string, string>>;
  /** The `env` input; wins over service.yml. */
  readonly given: ReadonlyMap<string, string>;
  /** Declared secrets; win over both. */
  readonly secrets: ReadonlyMap<string, string>;
}

/** What a service adds to the environment of its deployment. */
export function servicePart(values: ServiceValues): Record<string, string> {
  return {
    ...values.settings,
    ...Object.fromEntries(values.given),
    ...Object.fromEntries(values.secrets),
  };
}

/** What tells a service of its own host port. */
export function portPart(port: number | undefined): Record<string, string> {
  return port === undefined ? {} : { LAUNCH_PORT: String(port) };
}
