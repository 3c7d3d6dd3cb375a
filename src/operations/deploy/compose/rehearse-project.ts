import { run } from '../../../adapters/process/run.ts';
import { openServiceState } from '../../../adapters/state/service-state.ts';
import { plannedActions } from '../../../core/deploy/adopted.ts';
import { dryRunArgv } from '../../../core/deploy/compose-argv.ts';
import { imageOf } from '../../../core/deploy/compose-model.ts';
import { wantedPorts } from '../../../core/deploy/port-holders.ts';
import { inPlainWords } from '../../../core/deploy/rehearsal.ts';
import type { Release } from '../../../core/deploy/release.ts';
import type { Deployment } from '../deployment.ts';
import type { Draft } from '../driver.ts';
import { assertPortsFree } from './assert-ports-free.ts';
import type { ComposeHost } from './host.ts';
import { type LaidOut, readProject } from './lay-out.ts';
import { leaveAdopted } from './leave-adopted.ts';
import { findLeftovers } from './leftovers.ts';
import { assertUndisturbed, composeHashes, disturbedBy, planBeside } from './plan-beside.ts';
import { planRoute, strategyOf } from './plan-route.ts';
import { adopting, assertOwn } from './prepare.ts';
import { inspectProject, nameOf } from './project-containers.ts';
import { tellChangedVolumes } from './tell-changed-volumes.ts';

/** What a deployment would do, in a line for each step. Images are taken as they are on this host. */
export async function rehearseProject(
  deployment: Deployment,
  host: ComposeHost,
  stateFolder: string,
  draft: Draft,
  current: Release | undefined,
): Promise<string[]> {
  const { env, top, redact, request } = deployment;
  const laidOut = await readProject(deployment, draft, stateFolder, {
    env,
    cwd: top,
    redact,
    signal: request.signal,
  });
  const { name, mounts, model } = laidOut;
  await assertOwn(deployment, host, stateFolder, name, current);
  await tellChangedVolumes(deployment, host, laidOut);
  await leaveAdopted(draft, laidOut, current, adopting(deployment, host, stateFolder));
  await assertPortsFree(deployment, host, { project: name, ports: wantedPorts(model), current });
  const route = await planRoute(deployment, laidOut, host);
  const found = await inspectProject(host.containers, name);
  const leftovers = await findLeftovers(found, openServiceState(stateFolder, false));
  const originals = found.filter((it) => !leftovers.includes(it));
  const removed = leftovers.map((it) => `Container ${nameOf(it)} goes: a failed release has left it`);
  const isBeside = strategyOf(deployment) !== undefined && originals.length > 0;
  const steps = isBeside
    ? await sideBySide(deployment, host, laidOut, originals, route?.service)
    : await replaced(deployment, laidOut);
  const mounted = [...mounts.sources].map(([path, source]) =>
    source.kind === 'data' ? `data stays: ${path}` : `mounted from the commit: ${path}`,
  );
  const led = route === undefined ? [] : [`requests to ${route.host}${route.path} go to ${route.service}`];
  const absent = await missingImages(host, laidOut);
  const told = isBeside ? [] : inPlainWords(plannedActions(steps.join('\n')));
  return [...absent, ...told, ...removed, ...new Set(steps), ...led, ...mounted].map(redact);
}

/** What would come from a registry or a build first. */
async function missingImages({ images }: ComposeHost, { model }: LaidOut): Promise<string[]> {
  const missing = new Set<string>();
  for (const [name, { build }] of Object.entries(model.services)) {
    const image = imageOf(model, name);
    if (build !== undefined && build !== null) missing.add(`would be built: ${image}`);
    else if ((await images.find(image)) === undefined) missing.add(`would be pulled: ${image}`);
  }
  return [...missing];
}

async function replaced({ env, top }: Deployment, { project }: LaidOut): Promise<string[]> {
  const planned = await run(dryRunArgv(project), { env, cwd: top, timeout: 120_000 });
  return `${planned.stdout}\n${planned.stderr}`
    .split('\n')
    .flatMap(
      (line) =>
        / *(?:DRY-RUN MODE - *)?((?:Container|Network|Volume|Image) .*)$/.exec(line)?.[1]?.trim() ?? [],
    );
}

async function sideBySide(
  deployment: Deployment,
  { images }: ComposeHost,
  laidOut: LaidOut,
  originals: Awaited<ReturnType<typeof inspectProject>>,
  routed: string | undefined,
): Promise<string[]> {
  const { model } = laidOut;
  const known = await Promise.all(
    Object.keys(model.services).map(async (service) => {
      const name = imageOf(model, service);
      const id = (await images.find(name))?.id;
      return id === undefined ? [] : [[service, { name, id }] as const];
    }),
  );
  assertUndisturbed(deployment, await disturbedBy(deployment, laidOut));
  const hashes = await composeHashes(deployment, laidOut);
  const plan = planBeside(deployment, laidOut, hashes, Object.fromEntries(known.flat()), originals, routed);
  const isLeaving = new Set(plan.leaving);
  return [
    ...[...plan.made].map(([service, count]) => `${count} new of ${service} beside the old`),
    ...plan.resumed.map((service) => `${service} is started again`),
    ...originals.map((it) => `Container ${nameOf(it)} ${isLeaving.has(it.Id) ? 'goes' : 'stays'}`),
  ];
}
