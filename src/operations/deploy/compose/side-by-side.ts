import type { Containers, InspectedContainer } from '../../../adapters/engine/containers.ts';
import type { Images } from '../../../adapters/engine/images.ts';
import { upBesideArgv } from '../../../core/deploy/compose-argv.ts';
import type { EdgeProxy, EdgeRoute } from '../../../core/deploy/edge.ts';
import type { Generations } from '../../../core/deploy/generations.ts';
import type { Switching } from '../../../core/deploy/journal.ts';
import type { Failure } from '../../../core/deploy/result.ts';
import type { Deployment } from '../deployment.ts';
import { runCommand } from '../run-script.ts';
import { labelOf, serviceLabel } from './container-labels.ts';
import type { LaidOut } from './lay-out.ts';
import { inspectProject } from './project-containers.ts';
import { pointTagsAt } from './restore.ts';
import { asTargets, drain, targetsOf } from './traffic.ts';

/** A new generation of containers that comes up beside the old one, and the route that leads to both. */
export interface Beside {
  readonly deployment: Deployment;
  readonly containers: Containers;
  readonly images: Images;
  readonly edge: EdgeProxy;
  readonly laidOut: LaidOut;
  readonly originals: readonly InspectedContainer[];
  readonly generations: Generations;
  /** The containers of before that are to run, though one may have ended. */
  readonly meant: ReadonlySet<string>;
  readonly switching: Switching;
  readonly route: EdgeRoute;
}

type Plan = Pick<Beside, 'originals' | 'generations' | 'switching' | 'route'>;

/** Whether old containers make room one by one: then some are gone before the last new one is there. */
function goesOneByOne({ generations: { made }, switching: { strategy }, route }: Plan): boolean {
  return strategy === 'rolling' && (made.get(route.service) ?? 0) > 1;
}

/** The old containers that go before the release is known to be healthy. All others can come back by themselves. */
export function goingEarly(plan: Plan): InspectedContainer[] {
  const leaving = plan.originals.filter((it) => plan.switching.leaving.includes(it.Id));
  return goesOneByOne(plan) ? leaving : leaving.filter((it) => !it.State.Running);
}

/** Starts the new generation beside the old one; of a rolling one the first container. */
export async function startBeside(beside: Beside): Promise<Failure | undefined> {
  const { containers, images, deployment, laidOut, generations, route } = beside;
  const { restores } = deployment;
  if (restores !== undefined) await pointTagsAt(restores.release, images);
  // Compose would start a job of the old release once more, or what of it has crashed, to have enough of them.
  for (const it of goingEarly(beside).filter(({ State }) => !State.Running)) await containers.remove(it.Id);
  // Compose is told of the new ones only; what has ended of those that stay is no less part of the release.
  const leaving = new Set(beside.switching.leaving);
  const ended = beside.originals.filter(({ Id, State }) => !State.Running && beside.meant.has(Id));
  for (const it of ended.filter(({ Id }) => !leaving.has(Id))) await containers.start(it.Id);
  const found = await inspectProject(containers, laidOut.name);
  const scale = new Map<string, number>();
  for (const service of generations.resumed) scale.set(service, countOf(found, service));
  for (const [service, count] of generations.made) {
    const more = service === route.service && goesOneByOne(beside) ? 1 : count;
    scale.set(service, countOf(found, service) + more);
  }
  return scale.size === 0 ? undefined : await scaleTo(beside, scale);
}

async function scaleTo(
  { deployment, laidOut }: Beside,
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
  beside: Beside,
  verify: () => Promise<Failure | undefined>,
): Promise<Failure | undefined> {
  const { containers, edge, laidOut, switching, route } = beside;
  const leaving = new Set(switching.leaving);
  if (goesOneByOne(beside)) {
    const failure = await rollOver(beside, verify);
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
  beside: Beside,
  verify: () => Promise<Failure | undefined>,
): Promise<Failure | undefined> {
  const { containers, edge, laidOut, generations, switching, route } = beside;
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
      await drain(edge, [going.upstream], switching.drainMs);
      await containers.stop(going.id, undefined);
      await containers.remove(going.id);
    }
    if (made >= wanted) return undefined;
    const found = await inspectProject(containers, laidOut.name);
    const scale = new Map([[route.service, countOf(found, route.service) + 1]]);
    const failure = (await scaleTo(beside, scale)) ?? (await verify());
    if (failure !== undefined) return failure;
  }
}
