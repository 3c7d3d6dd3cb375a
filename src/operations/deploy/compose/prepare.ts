import { dataRoot } from '../../../adapters/engine/data-root.ts';
import type { EdgeRoute } from '../../../core/deploy/edge.ts';
import { assertOwnProject } from '../../../core/deploy/ownership.ts';
import { wantedPorts } from '../../../core/deploy/port-holders.ts';
import { describedImages, type Release } from '../../../core/deploy/release.ts';
import { assertSpace, leastForImages } from '../../../core/deploy/space.ts';
import type { Deployment } from '../deployment.ts';
import type { Draft, PreparedDetails } from '../driver.ts';
import { runCommand } from '../run-script.ts';
import { assertPortsFree } from './assert-ports-free.ts';
import { type Fetching, fetchImages } from './fetch-images.ts';
import type { ComposeHost } from './host.ts';
import { assertDataIn, type LaidOut, layOutMounts, readProject } from './lay-out.ts';
import { leaveAdopted } from './leave-adopted.ts';
import { composeHashes, disturbedBy } from './plan-beside.ts';
import { planRoute, strategyOf } from './plan-route.ts';
import { readRestored, returnImages } from './restore.ts';
import { tellChangedVolumes } from './tell-changed-volumes.ts';

/** A release that can be started. */
export interface PreparedProject {
  readonly laidOut: LaidOut;
  readonly details: PreparedDetails;
  /** Of the release that serves. */
  readonly previousRoute: EdgeRoute | undefined;
  /** What compose compares, asked for while the images come; empty where compose replaces the containers itself. */
  readonly hashes: Promise<ReadonlyMap<string, string>>;
  /** The containers that compose would stop although they are to serve on. */
  readonly disturbed: Promise<readonly string[]>;
}

/**
 * Lays a release out, makes sure that it can be started here, and gets its images. Nothing stops.
 *
 * @throws LaunchError CONFIG_INVALID, PORT_IN_USE, ENGINE_UNAVAILABLE, DISK_FULL, DEPLOY_FAILED
 */
export async function prepareProject(
  deployment: Deployment,
  host: ComposeHost,
  stateFolder: string,
  draft: Draft,
  current: Release | undefined,
): Promise<PreparedProject> {
  const { restores, charge } = deployment;
  const laidOut = await layOut(deployment, draft, stateFolder);
  const { name, mounts, project } = laidOut;
  await assertOwn(deployment, host, stateFolder, name, current);
  await assertDataIn(draft, stateFolder);
  await tellChangedVolumes(deployment, host, laidOut);
  const ports = restores?.release.ports ?? wantedPorts(laidOut.model);
  await assertPortsFree(deployment, host, { project: name, ports, current });
  const route = await planRoute(deployment, laidOut, host);
  const isBeside = strategyOf(deployment) !== undefined;
  const hashes = isBeside ? composeHashes(deployment, laidOut) : Promise.resolve(new Map<string, string>());
  const disturbed = isBeside ? disturbedBy(deployment, laidOut) : Promise.resolve([]);
  const fetching = fetchingFor(deployment, host);
  const known = {
    project: name,
    ...(ports.length === 0 ? {} : { ports }),
    ...(route === undefined ? {} : { route }),
    ...(project.program === 'docker compose' ? {} : { oldCompose: true }),
  };
  if (restores !== undefined) {
    const images = await returnImages(restores.release, fetching);
    const adopted = await leaveAdopted(draft, laidOut, current, adopting(deployment, host, stateFolder));
    const details = { ...known, mounts: restores.release.mounts, images, ...adopted };
    return { laidOut, details, previousRoute: current?.route, hashes, disturbed };
  }
  await charge.beforeEffect('lay out the mounts');
  await layOutMounts(draft, mounts, stateFolder);
  const images = describedImages(current?.images ?? {}, await fetchImages(laidOut, fetching));
  const content = [...mounts.sources.values()].flatMap((it) => (it.kind === 'content' ? [it.key] : []));
  const adopted = await leaveAdopted(draft, laidOut, current, adopting(deployment, host, stateFolder));
  const details = { ...known, mounts: [...new Set(content)], images, ...adopted };
  return { laidOut, details, previousRoute: current?.route, hashes, disturbed };
}

/** What is needed to leave containers alone that ran before Launch did. */
export function adopting(
  { env, top, redact, request }: Deployment,
  { containers }: ComposeHost,
  state: string,
) {
  return { containers, state, compose: { env, cwd: top, redact, signal: request.signal } };
}

async function layOut(deployment: Deployment, draft: Draft, stateFolder: string): Promise<LaidOut> {
  const { env, top, redact, request, restores } = deployment;
  const compose = { env, cwd: top, redact, signal: request.signal };
  return restores === undefined
    ? await readProject(deployment, draft, stateFolder, compose)
    : await readRestored(deployment, draft, restores, stateFolder, compose);
}

/** @throws LaunchError where the project is somebody else's */
export async function assertOwn(
  { owner }: Deployment,
  { containers }: ComposeHost,
  stateFolder: string,
  project: string,
  current: Release | undefined,
): Promise<void> {
  const found = await containers.list([`com.docker.compose.project=${project}`]);
  const known = new Set(current?.containers.map(({ id }) => id));
  assertOwnProject(found, { project, owner, state: stateFolder, known });
}

function fetchingFor(deployment: Deployment, { api, images }: ComposeHost): Fetching {
  const { top, env, logins, reporter, request } = deployment;
  return {
    images,
    run: async (title, command) =>
      await runCommand(deployment, { title, command, cwd: top, env: { ...env, ...logins.env() } }),
    warn: (message) => reporter.warning(message),
    async ready(hosts) {
      const root = await dataRoot(api);
      if (root !== undefined)
        assertSpace({ of: 'images', ...root }, request.leastFreeBytes ?? leastForImages);
      await logins.ensure(hosts);
    },
  };
}
