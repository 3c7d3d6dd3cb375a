import type { InspectedContainer } from '../../../adapters/engine/containers.ts';
import type { HealthCheck } from '../../../core/health/check.ts';
import { hostPortsOf } from './meant-to-run.ts';

/** Whether a check asks a port of this host that the container publishes. */
export function isAskedByPort(container: InspectedContainer, checks: readonly HealthCheck[]): boolean {
  const published = hostPortsOf(container);
  return published.length > 0 && checks.some((check) => published.includes(portOf(check) ?? Number.NaN));
}

function portOf(check: HealthCheck): number | undefined {
  if (check.kind === 'tcp') return check.port;
  if (check.kind !== 'http' || !URL.canParse(check.url)) return undefined;
  const url = new URL(check.url);
  return Number(url.port || (url.protocol === 'https:' ? 443 : 80));
}
