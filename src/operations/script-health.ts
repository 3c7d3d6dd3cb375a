import { hostPart, portPart } from '../core/deploy/child-env.ts';
import type { Release } from '../core/deploy/release.ts';
import type { CheckOutcome } from '../core/health/report.ts';

/**
 * What the checks of a release get that are scripts, as far as the host keeps it: all that its deployment had but the
 * secrets.
 */
export function keptEnvironment(
  release: Release,
  settings: Readonly<Record<string, string>>,
  hostEnv: NodeJS.ProcessEnv,
): Record<string, string> {
  return {
    ...hostPart(hostEnv),
    ...settings,
    ...release.env,
    ...portPart(release.port),
    LAUNCH_SERVICE: release.service,
    LAUNCH_TARGET: release.target,
    LAUNCH_RELEASE: release.id,
  };
}

/** What a script's check says that had to do without the secrets of its service. */
export function judgeWithoutSecrets(
  release: Release,
  outcome: CheckOutcome,
): { readonly health: 'unhealthy' | 'unknown'; readonly detail: string } {
  const why = outcome.outcome === 'unhealthy' ? `${outcome.label}: ${outcome.why}` : outcome.label;
  if (release.secretNames.length === 0) return { health: 'unhealthy', detail: why };
  return {
    health: 'unknown',
    detail: `${why} (it was run without ${release.secretNames.join(', ')}, which no host keeps)`,
  };
}
