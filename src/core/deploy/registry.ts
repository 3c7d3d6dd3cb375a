import type { LaunchFile } from '../config/launch-file.ts';
import { secretValue } from '../secrets/secret-value.ts';
import type { ReleaseRegistry } from './release.ts';

/** A registry that a deployment logs in to, for as long as it lasts. */
export interface RegistryLogin extends ReleaseRegistry {
  /** Undefined when the run was not given it. */
  readonly password: string | undefined;
}

/** The registries that launch.yml names, with their passwords out of the secrets that were given. */
export function registryLogins(
  registries: readonly ReleaseRegistry[],
  given: ReadonlyMap<string, string>,
  prefix: string | undefined,
): RegistryLogin[] {
  return registries.map((it) => ({ ...it, password: secretValue(it.secret, prefix, given) }));
}

export function registriesOf(config: LaunchFile): ReleaseRegistry[] {
  return config.registries.map((it) => ({
    host: it.host,
    username: it.username,
    secret: it['password-secret'],
  }));
}

/** The registry that an image is pulled from; Docker Hub where its name has none. */
export function registryOfImage(image: string): string {
  const [first = '', ...rest] = image.split('/');
  return rest.length > 0 && (/[.:]/.test(first) || first === 'localhost') ? sameHost(first) : 'docker.io';
}

/** Docker Hub has several names. */
export function sameHost(host: string): string {
  const plain = host.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
  return /^(index\.|registry-1\.)?docker\.io$/.test(plain) ? 'docker.io' : plain;
}

/** What `docker login` is told. */
export function loginHost(host: string): string {
  return sameHost(host) === 'docker.io' ? 'https://index.docker.io/v1/' : host;
}
