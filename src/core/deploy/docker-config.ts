import { loginHost, sameHost } from './registry.ts';

/**
 * Docker's configuration for one deployment, made of the user's: logins of others stay usable, and those that
 * Launch makes are written into this file alone. A `credsStore` would take them into the user's key ring, where
 * they would stay; so it is named for each registry it has a login for instead.
 */
export function deploymentDockerConfig(
  user: Readonly<Record<string, unknown>>,
  logins: readonly string[],
): Record<string, unknown> {
  const { credsStore, credHelpers, auths, ...rest } = user;
  const ours = new Set(logins.flatMap((host) => [sameHost(host), sameHost(loginHost(host))]));
  const isOther = ([host]: readonly [string, unknown]) => !ours.has(sameHost(host));
  const known = Object.entries(recordOf(auths));
  const stored =
    typeof credsStore === 'string' && credsStore !== ''
      ? known.map(([host]) => [host, credsStore] as const)
      : [];
  return {
    ...rest,
    auths: Object.fromEntries(known.filter(isOther)),
    credHelpers: Object.fromEntries([...stored, ...Object.entries(recordOf(credHelpers))].filter(isOther)),
  };
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
