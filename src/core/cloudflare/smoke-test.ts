import { LaunchError } from '../errors.ts';
import type { HealthCheck } from '../health/check.ts';

/** How a version that has no traffic, or little of it, is asked for. */
export interface VersionAsked {
  readonly worker: string;
  readonly versionId: string;
  /** Where the worker answers; undefined where no address is known. */
  readonly url: string | undefined;
  /** Where the version answers by itself; undefined where it does not, as with Durable Objects. */
  readonly previewUrl: string | undefined;
}

export const overrideHeader = 'Cloudflare-Workers-Version-Overrides';

/** Cloudflare takes the header as a dictionary of RFC 8941, whose keys begin with a letter. */
export function versionOverride({ worker, versionId }: VersionAsked): string | undefined {
  return /^[a-z][a-z0-9_-]*$/.test(worker) ? `${worker}="${versionId}"` : undefined;
}

/**
 * The checks as they reach one version before it has the traffic: at its own address where the check names only a path,
 * else with the header by which Cloudflare chooses the version. Undefined when one of them can't be led there.
 */
export function checksOfVersion(
  checks: readonly HealthCheck[],
  asked: VersionAsked,
): readonly HealthCheck[] | undefined {
  const override = versionOverride(asked);
  const led: HealthCheck[] = [];
  for (const check of checks) {
    if (check.kind === 'http' && isPath(check.url) && asked.previewUrl !== undefined) {
      led.push({ ...check, url: join(asked.previewUrl, check.url) });
      continue;
    }
    if (override === undefined) return undefined;
    const [there] = checksOfTraffic([check], asked);
    if (there === undefined) continue;
    led.push(
      there.kind === 'http' ? { ...there, headers: { ...there.headers, [overrideHeader]: override } } : there,
    );
  }
  return led;
}

/** The checks as everybody else's requests go; scripts are told what they are to look at. */
export function checksOfTraffic(checks: readonly HealthCheck[], asked: VersionAsked): readonly HealthCheck[] {
  const { worker, versionId, url } = asked;
  return checks.map((check) => {
    if (check.kind === 'command') {
      const told = {
        LAUNCH_WORKER: worker,
        LAUNCH_VERSION: versionId,
        LAUNCH_VERSION_OVERRIDE: versionOverride(asked) ?? '',
        ...(url === undefined ? {} : { LAUNCH_URL: url }),
      };
      return { ...check, env: { ...check.env, ...told } };
    }
    if (check.kind !== 'http' || !isPath(check.url)) return check;
    if (url !== undefined) return { ...check, url: join(url, check.url) };
    throw new LaunchError(
      'CONFIG_INVALID',
      `The check "${check.url}" names only a path, and "${worker}" has no address of its own.`,
      { remedy: 'Give the whole URL, or let the worker answer below workers.dev (`workers_dev: true`).' },
    );
  });
}

/** @throws LaunchError CONFIG_INVALID for a check that no worker can have. */
export function assertSmokeTest(checks: readonly HealthCheck[], gradual: readonly number[]): void {
  const wrong = checks.find(({ kind }) => kind === 'container');
  if (wrong !== undefined) {
    throw new LaunchError('CONFIG_INVALID', 'A worker has no containers, but a check asks for one.', {
      remedy: 'Check it by `http:`, or by a command.',
    });
  }
  if (gradual.length === 0 || checks.length > 0) return;
  throw new LaunchError(
    'CONFIG_INVALID',
    'A gradual deployment needs something that is checked at each step.',
    {
      remedy: 'Give `smoke-url`, or `health:` in service.yml.',
    },
  );
}

function isPath(url: string): boolean {
  return url.startsWith('/');
}

/** A path below an address that may itself have one. */
function join(base: string, path: string): string {
  return `${base.replace(/\/+$/, '')}${path}`;
}
