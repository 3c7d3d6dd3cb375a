import { type Route, type RouteChange, withRoute } from '../../core/cloudflare/tunnel/ingress.ts';
import { LaunchError } from '../../core/errors.ts';
import type { Reporter } from '../reporter.ts';
import type { CloudflareSide } from './cloudflare-side.ts';
import type { Steps } from './steps.ts';

/** So often a rule that somebody else's write has swallowed is written again. */
const attempts = 5;

/**
 * Puts the rule of a hostname into a tunnel's configuration, and sees that it stays there. The API knows whole
 * configurations only and no condition: of two that write at once the later one wins. So what was written is read
 * again, and a number that is skipped tells that a configuration in between may be lost.
 *
 * @throws LaunchError API_ERROR when others go on overwriting it
 */
export async function leadHostname(
  { tunnels }: CloudflareSide,
  tunnelId: string,
  route: Route,
  steps: Steps,
  reporter: Reporter,
): Promise<void> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const before = await tunnels.configuration(tunnelId);
    const { config, change } = withRoute(before.config, route);
    if (change.kind === 'none') return;
    await steps.take(describeChange(change, route), async () => {
      const after = await tunnels.configure(tunnelId, config);
      const skipped = (after.version ?? 0) - (before.version ?? 0);
      if (before.version !== undefined && after.version !== undefined && skipped > 1) {
        reporter.warning(
          'Somebody else changed the configuration of this tunnel at the same moment, and that change may be lost. Run theirs again.',
        );
      }
    });
    if (steps.isRehearsal) return;
  }
  const { config } = await tunnels.configuration(tunnelId);
  if (withRoute(config, route).change.kind === 'none') return;
  throw new LaunchError(
    'API_ERROR',
    `Others go on overwriting the rule of ${route.hostname} in the tunnel.`,
    {
      remedy: 'Wait until they are through, then run it again.',
    },
  );
}

function describeChange(
  change: Exclude<RouteChange, { readonly kind: 'none' }>,
  { hostname, service }: Route,
): string {
  switch (change.kind) {
    case 'added':
      return `led ${hostname} to ${service}`;
    case 'moved':
      return `moved the rule of ${hostname} before one that hid it`;
    case 'changed':
      return `led ${hostname} to ${service} in place of ${change.from}`;
  }
}
