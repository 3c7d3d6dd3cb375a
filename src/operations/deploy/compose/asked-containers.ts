import type { InspectedContainer } from '../../../adapters/engine/containers.ts';
import type { HealthCheck } from '../../../core/health/check.ts';
import { hostPortsOf } from './meant-to-run.ts';

/**
 * Whether one of the checks of its service asks this container: by a port of this host that it publishes; or, since
 * nobody knows what a command asks, by a command when it publishes any. All of them ask the `only` one that there is.
 */
export function isAsked(
  container: InspectedContainer,
  checks: readonly HealthCheck[],
  only: boolean,
): boolean {
  if (only) return checks.length > 0;
  const published = hostPortsOf(container);
  if (published.length === 0) return false;
  return checks.some((check) => check.kind === 'command' || published.includes(portOf(check) ?? Number.NaN));
}

function portOf(check: HealthCheck): number | undefined {
  if (check.kind === 'tcp') return check.port;
  if (check.kind !== 'http' || !URL.canParse(check.url)) return undefined;
  const url = new URL(check.url);
  return Number(url.port || (url.protocol === 'https:' ? 443 : 80));
}
