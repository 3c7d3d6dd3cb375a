import type { Containers, InspectedContainer } from '../../../adapters/engine/containers.ts';
import { formatDuration } from '../../../core/config/duration.ts';
import type { Switching } from '../../../core/deploy/journal.ts';
import type { Failure } from '../../../core/deploy/result.ts';
import type { Reporter } from '../../reporter.ts';
import type { ComposeHost } from './host.ts';
import { inspectProject } from './project-containers.ts';
import { asTargets, drain } from './traffic.ts';

/**
 * Lets the old generation end what it has begun, and removes it. The route is asserted first, so that it can be
 * done again by a run that knows nothing but the journal. A failure of the new generation is told while the old one is still there.
 */
export async function retireOld(
  host: ComposeHost,
  project: string,
  { leaving: ids, route, previous, drainMs }: Switching,
  { reporter, look }: { readonly reporter: Reporter; readonly look: () => Promise<Failure | undefined> },
): Promise<Failure | undefined> {
  const { containers } = host;
  const edge = (await host.edge())?.proxy;
  const leaving = new Set(ids);
  const found = await inspectProject(containers, project);
  const old = found.filter((it) => leaving.has(it.Id));
  if (edge === undefined || route === undefined) {
    if (edge !== undefined && previous !== undefined) await edge.remove(previous.id);
    if (old.length === 0) return undefined;
    const lost = await look();
    if (lost === undefined) await removeAll(containers, old);
    return lost;
  }
  const made = asTargets(found, project, route).filter(({ id }) => !leaving.has(id));
  const behind = asTargets(old, project, previous ?? route).map((it) => it.upstream);
  const upstreams = made.map((it) => it.upstream);
  await edge.serve(route, upstreams, behind);
  if (behind.length > 0 && !(await drain(edge, behind, drainMs))) {
    reporter.warning(
      `Requests to the old containers were still under way after ${formatDuration(drainMs)}: they are cut off. A longer \`drain\` gives them more time.`,
    );
  }
  // As long as the old ones are there, they can serve again.
  const lost = old.length === 0 ? undefined : await look();
  if (lost !== undefined) return lost;
  await removeAll(containers, old);
  await edge.serve(route, upstreams, []);
  return undefined;
}

/** They have the time to end that they ask for themselves. Their anonymous volumes are nobody's any more. */
export async function removeAll(containers: Containers, old: readonly InspectedContainer[]): Promise<void> {
  await Promise.all(
    old.map(async (it) => {
      if (it.State.Running) await containers.stop(it.Id, undefined);
      await containers.remove(it.Id, { volumes: true });
    }),
  );
}
