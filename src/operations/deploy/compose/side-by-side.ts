import type { Containers, InspectedContainer } from '../../../adapters/engine/containers.ts';
import { formatDuration } from '../../../core/config/duration.ts';
import { upBesideArgv } from '../../../core/deploy/compose-argv.ts';
import type { EdgeProxy, EdgeRoute } from '../../../core/deploy/edge.ts';
import type { Generations } from '../../../core/deploy/generations.ts';
import type { Switching } from '../../../core/deploy/journal.ts';
import type { Failure } from '../../../core/deploy/result.ts';
import type { Deployment } from '../deployment.ts';
import { runCommand } from '../run-script.ts';
import type { LaidOut } from './lay-out.ts';
import { inspectProject, labelOf, serviceLabel } from './project-containers.ts';
import { asTargets, drain, targetsOf } from './traffic.ts';

export interface BesideContext {
  readonly deployment: Deployment;
  readonly containers: Containers;
  readonly edge: EdgeProxy;
  readonly laidOut: LaidOut;
  readonly generations: Generations;
  readonly switching: Switching;
  readonly route: EdgeRoute;
}

/** Whether old containers make room one by one: then some are gone before the last new one is there. */
export function goesOneByOne({ made }: Generations, { strategy, route }: Switching): boolean {
  return strategy === 'rolling' && route !== undefined && (made.get(route.service) ?? 0) > 1;
}

/** Starts the new generation beside the old one; of a rolling one the first container. */
export async function startBeside(context: BesideContext): Promise<Failure | undefined> {
  const { containers, laidOut, generations, switching, route } = context;
  const found = await inspectProject(containers, laidOut.name);
  const scale = new Map<string, number>();
  for (const [service, count] of generations.made) {
    const more = service === route.service && goesOneByOne(generations, switching) ? 1 : count;
    scale.set(service, countOf(found, service) + more);
  }
  return scale.size === 0 ? undefined : await scaleTo(context, scale);
}

async function scaleTo(
  { deployment, laidOut }: BesideContext,
  scale: ReadonlyMap<string, number>,
): Promise<Failure | undefined> {
  const { env, top, owner } = deployment;
  const title = `Start the new ${[...scale.keys()].join(', ')} of ${owner.service} beside the old`;
  return await runCommand(deployment, {
    title,
    command: upBesideArgv(laidOut.project, scale),
    cwd: top,
    env,
  });
}

function countOf(found: readonly InspectedContainer[], service: string): number {
  return found.filter((it) => labelOf(it, serviceLabel) === service).length;
}

/**
 * Leads all requests to the new generation in one step, or container by container. The last old one is left
 * running, so that traffic can be led back.
 */
export async function switchBeside(
  context: BesideContext,
  verify: () => Promise<Failure | undefined>,
): Promise<Failure | undefined> {
  const { containers, edge, laidOut, generations, switching, route } = context;
  const leaving = new Set(switching.leaving);
  if (goesOneByOne(generations, switching)) {
    const failure = await rollOver(context, verify);
    if (failure !== undefined) return failure;
  }
  const found = await inspectProject(containers, laidOut.name);
  const targets = asTargets(found, laidOut.name, route);
  const made = targets.filter(({ id }) => !leaving.has(id)).map((it) => it.upstream);
  const old = targets.filter(({ id }) => leaving.has(id)).map((it) => it.upstream);
  await edge.serve(route, made, old);
  return undefined;
}

async function rollOver(
  context: BesideContext,
  verify: () => Promise<Failure | undefined>,
): Promise<Failure | undefined> {
  const { deployment, containers, edge, laidOut, generations, switching, route } = context;
  const wanted = generations.made.get(route.service) ?? 1;
  const leaving = new Set(switching.leaving);
  for (let made = 1; ; made += 1) {
    const targets = await targetsOf(containers, laidOut.name, route);
    const old = targets.filter(({ id }) => leaving.has(id));
    // One old container stays until everything is known to be well.
    const going = old.length > 1 ? old[0] : undefined;
    const serving = targets.filter((it) => it !== going);
    await edge.serve(
      route,
      serving.map((it) => it.upstream),
      going === undefined ? [] : [going.upstream],
    );
    if (going !== undefined) {
      await drain(edge, [going.upstream], deployment.service.settings.drain);
      await remove(containers, going.container);
    }
    if (made >= wanted) return undefined;
    const found = await inspectProject(containers, laidOut.name);
    const scale = new Map([[route.service, countOf(found, route.service) + 1]]);
    const failure = (await scaleTo(context, scale)) ?? (await verify());
    if (failure !== undefined) return failure;
  }
}

/**
 * Lets the old generation end what it has begun, and removes it. The route is asserted first, so that it can be
 * done again by a run that knows nothing but the journal.
 */
export async function retireOld(
  { containers, edge, project }: { containers: Containers; edge: EdgeProxy | undefined; project: string },
  switching: Switching,
  { reporter, service }: Deployment,
): Promise<void> {
  const leaving = new Set(switching.leaving);
  const { route, previous } = switching;
  const found = await inspectProject(containers, project);
  const old = found.filter((it) => leaving.has(it.Id));
  if (edge !== undefined && route !== undefined) {
    const made = asTargets(found, project, route).filter(({ id }) => !leaving.has(id));
    const behind = asTargets(old, project, previous ?? route).map((it) => it.upstream);
    const upstreams = made.map((it) => it.upstream);
    await edge.serve(route, upstreams, behind);
    const limit = service.settings.drain;
    if (behind.length > 0 && !(await drain(edge, behind, limit))) {
      reporter.warning(
        `Requests to the old containers were still under way after ${formatDuration(limit)}: they are cut off. A longer \`drain\` gives them more time.`,
      );
    }
    // That they are still counted does no harm, and each change of the proxy is one more than needed.
    await Promise.all(old.map(async (it) => await remove(containers, it)));
    return;
  }
  if (edge !== undefined && previous !== undefined) await edge.remove(previous.id);
  await Promise.all(old.map(async (it) => await remove(containers, it)));
}

/** It has the time to end that it asks for itself. Its anonymous volumes are nobody's any more. */
async function remove(containers: Containers, container: InspectedContainer): Promise<void> {
  if (container.State.Running) await containers.stop(container.Id, undefined);
  await containers.remove(container.Id, { volumes: true });
}
