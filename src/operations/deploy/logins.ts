import { logIn, makeDockerConfig } from '../../adapters/engine/docker-login.ts';
import { type RegistryLogin, sameHost } from '../../core/deploy/registry.ts';
import { LaunchError } from '../../core/errors.ts';
import { handOver } from '../../core/secrets/choose-secrets.ts';
import type { Reporter } from '../reporter.ts';

/** The logins of one deployment. They are made when an image is needed, in a configuration that ends with it. */
export interface Logins {
  /** What Docker's commands need to use them; nothing before the first login. */
  env(): Readonly<Record<string, string>>;
  /**
   * Logs in to the registries that are declared for these hosts; for `all`, to every one that has a password.
   *
   * @throws LaunchError SECRET_MISSING that names all that are missing, API_AUTH, API_ERROR, CANCELLED
   */
  ensure(hosts: ReadonlySet<string> | 'all'): Promise<void>;
}

export interface LoginsRequest {
  readonly registries: readonly RegistryLogin[];
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly redact: (text: string) => string;
  readonly reporter: Reporter;
  readonly signal: () => AbortSignal | undefined;
}

export function loginsOf({ registries, folder, env, redact, reporter, signal }: LoginsRequest): Logins {
  const done = new Set<string>();
  let isMade = false;
  return {
    env: () => (isMade ? { DOCKER_CONFIG: folder } : {}),
    async ensure(hosts) {
      const wanted = registries.filter(
        (it) =>
          !done.has(it.host) && (hosts === 'all' ? it.password !== undefined : hosts.has(sameHost(it.host))),
      );
      if (wanted.length === 0) return;
      const usable = wanted.flatMap((it) =>
        it.password === undefined ? [] : [{ ...it, password: it.password }],
      );
      if (usable.length < wanted.length) throw missing(wanted.filter((it) => it.password === undefined));
      if (!isMade) {
        await makeDockerConfig(
          registries.map((it) => it.host),
          { folder, env },
        );
        isMade = true;
      }
      for (const login of usable) {
        await logIn(login, { folder, env, redact, signal: signal() });
        done.add(login.host);
        reporter.info(`Logged in to ${login.host} as ${login.username}, for this deployment only.`);
      }
    },
  };
}

function missing(registries: readonly RegistryLogin[]): LaunchError {
  const names = [...new Set(registries.map((it) => it.secret))];
  const hosts = registries.map((it) => it.host).join(', ');
  return new LaunchError(
    'SECRET_MISSING',
    `The password of the registry ${hosts} is not among the secrets: ${names.join(', ')}.`,
    {
      place: { file: 'launch.yml' },
      remedy: `Nothing has been changed. ${handOver('it')}`,
    },
  );
}
