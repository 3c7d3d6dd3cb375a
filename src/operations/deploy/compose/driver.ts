import type { Switching } from '../../../core/deploy/journal.ts';
import { keptImagePrefix } from '../../../core/deploy/kept-image.ts';
import type { Release } from '../../../core/deploy/release.ts';
import { LaunchError } from '../../../core/errors.ts';
import type { Deployment } from '../deployment.ts';
import type { Driver } from '../driver.ts';
import { describeContainers } from './describe-containers.ts';
import { openComposeHost, restartsOf } from './host.ts';
import { forgetImages, keepImages } from './keep-images.ts';
import { knownSecrets } from './known-secrets.ts';
import { areMountsSame } from './leave-adopted.ts';
import { removeLeftovers } from './leftovers.ts';
import { lookBefore, type SeenBefore } from './look-before.ts';
import { runMeantImages } from './meant-images.ts';
import { expectedBy } from './meant-to-run.ts';
import { entranceOf } from './open-edge.ts';
import { type PreparedProject, prepareProject } from './prepare.ts';
import { inspectProject, judgeFound, lookAt, tailOf } from './project-containers.ts';
import { putContainersBack } from './put-containers-back.ts';
import { rehearseProject } from './rehearse-project.ts';
import { retireOld } from './retire.ts';
import { type Beside, goingEarly, startBeside, switchBeside } from './side-by-side.ts';
import { makeStandBy, removeOthers, removeStandBy } from './stand-by.ts';
import { startContainers } from './start.ts';
import { findOwnProject, takeDownProject } from './take-down.ts';
import { asTargets, isServedBy, leadsTo, restoreRoute, targetsOf } from './traffic.ts';
import { lookOnceMore, type Progress, verifyContainers } from './verify-containers.ts';
import { directedAt } from './verify-targets.ts';

/** A service whose containers compose starts. */
export async function composeDriver(deployment: Deployment, stateFolder: string): Promise<Driver> {
  const { redact, owner, reporter } = deployment;
  const host = await openComposeHost(deployment);
  const { api, containers, images } = host;
  let prepared: PreparedProject | undefined;
  let seen: SeenBefore | undefined;
  let live: Release | undefined;
  const progress: Progress = { verified: new Set(), since: new Map() };

  const made = (): { readonly prepared: PreparedProject; readonly seen: SeenBefore } => {
    if (prepared === undefined || seen === undefined) throw new Error('the release is not prepared');
    return { prepared, seen };
  };
  /** Undefined where compose replaces the containers. */
  const beside = async (switching: Switching | undefined): Promise<Beside | undefined> => {
    const generations = seen?.generations;
    const route = switching?.route;
    const edge = await host.edge();
    if (switching === undefined || generations === undefined || route === undefined || edge === undefined) {
      return undefined;
    }
    const { laidOut } = made().prepared;
    const { originals, before } = made().seen;
    const meant = new Set(before.before.filter((it) => it.running).map(({ id }) => id));
    const known = { deployment, containers, images, laidOut, originals, generations, meant };
    return { ...known, edge: edge.proxy, switching, route };
  };

  const driver: Driver = {
    async assertReady() {
      await api.call('GET', '/_ping', { timeout: 10_000 });
    },

    async isRunning(release) {
      const { project, containers: recorded, route } = release;
      if (project === undefined) return false;
      const found = await inspectProject(containers, project);
      const ids = new Set(recorded.map(({ id }) => id));
      const expected = expectedBy(release, found);
      if (found.length !== ids.size || !found.every((it) => ids.has(it.Id))) return false;
      if (!(await runMeantImages(deployment, images, found))) return false;
      const outside = Object.values(release.adopted ?? {}).flat();
      if (release.takenOver?.differs.length || !(await areMountsSame(outside, stateFolder))) return false;
      const restarts = new Map(found.map((it) => [it.Id, it.RestartCount ?? 0]));
      if (judgeFound(found, { restarts, ...expected, hide: redact }).kind !== 'good') return false;
      const edge = route === undefined ? undefined : await host.edge();
      if (route === undefined || edge === undefined) return true;
      // A container may have another address since it was started again.
      const upstreams = asTargets(found, project, route).map((it) => it.upstream);
      return await leadsTo(edge.proxy, route, upstreams);
    },

    async direct(checks, { project, route }) {
      if (project === undefined || route === undefined) return checks;
      return directedAt(await inspectProject(containers, project), project, route, checks);
    },

    async prepare(draft, current) {
      live = current;
      prepared = await prepareProject(deployment, host, stateFolder, draft, current);
      return prepared.details;
    },

    async lookBefore({ id }) {
      if (prepared === undefined) throw new Error('the release is not prepared');
      seen = await lookBefore(deployment, host, prepared, { release: id, current: live, stateFolder });
      progress.startedBefore = new Map(seen.originals.map((it) => [it.Id, it.State.StartedAt]));
      progress.live = live;
      return seen.before;
    },

    async keep(draft, { switching }) {
      const side = await beside(switching);
      const { prepared: project, seen: old } = made();
      const originals = side === undefined ? old.originals : goingEarly(side);
      await makeStandBy(containers, originals, draft.id, project.laidOut.name);
    },

    async start(draft, { switching }) {
      const { originals, leftovers } = made().seen;
      await removeLeftovers(host, made().prepared.laidOut.name, leftovers, originals, switching);
      const side = await beside(switching);
      if (side !== undefined) return await startBeside(side);
      return await startContainers(deployment, host, made().prepared, draft, originals);
    },

    async explain({ project = '', before }) {
      const restarts = await restartsOf(host, before);
      const nothing = { idle: new Set<string>(), ran: new Set<string>() };
      const verdict = await lookAt(containers, project, { restarts, ...nothing, hide: redact });
      const failed = verdict.kind === 'failed' ? verdict.container.id : undefined;
      if (failed === undefined) return [];
      return await tailOf(containers, project, failed, await knownSecrets(deployment, containers, project));
    },

    verify: async (release, before) => await verifyContainers(deployment, host, release, before, progress),

    lookOnceMore: async (release, before) => await lookOnceMore(deployment, host, before, release, progress),

    async switchOver(release, before) {
      const { switching, project = '' } = before;
      const edge = switching === undefined ? undefined : (await host.edge())?.proxy;
      if (switching === undefined || edge === undefined) return undefined;
      if (switching.release !== release.id) {
        await restoreRoute(edge, containers, project, switching);
        return undefined;
      }
      const side = await beside(switching);
      if (side !== undefined)
        return await switchBeside(side, async () => await driver.verify(release, before));
      if (switching.route === undefined) return undefined;
      const targets = await targetsOf(containers, project, switching.route);
      const upstreams = targets.map((it) => it.upstream);
      await edge.serve(switching.route, upstreams, []);
      return undefined;
    },

    async servesAsBefore({ switching, project = '', before }) {
      const { previous } = switching ?? {};
      const edge = previous === undefined ? undefined : await host.edge();
      if (previous === undefined || edge === undefined) return false;
      return await isServedBy(edge.proxy, containers, project, previous, new Set(before.map(({ id }) => id)));
    },

    async retire(before) {
      const { switching, project = '' } = before;
      if (switching === undefined) return undefined;
      const look = async () => await lookOnceMore(deployment, host, before, switching.release, progress);
      return await retireOld(host, project, switching, { reporter, look });
    },

    async entrance() {
      const route = prepared?.details.route;
      const edge = route === undefined ? undefined : await host.edge();
      if (route === undefined || edge === undefined) return undefined;
      return entranceOf(edge.settings, route);
    },

    describe: async ({ project = '', before }) =>
      await describeContainers(containers, images, project, before),

    putBack: async (start) => await putContainersBack(host, start, (line) => reporter.info(line)),

    async clear({ project, before }) {
      if (project !== undefined) await removeOthers(containers, project, new Set(before.map(({ id }) => id)));
    },

    async keepImages(release) {
      try {
        await keepImages(images, keptImagePrefix(owner.service, stateFolder), release);
      } catch (error) {
        // It serves; that is more than that it can come back.
        const why = error instanceof LaunchError ? error.summary : String(error);
        reporter.warning(`The images of ${release.id} could not be kept for a rollback: ${why}`);
      }
    },

    async forgetImages(gone, staying) {
      await forgetImages(containers, images, keptImagePrefix(owner.service, stateFolder), { gone, staying });
    },

    async settle(project) {
      if (project !== undefined) await removeStandBy(containers, project);
    },

    async mayTakeDown(release) {
      await findOwnProject(host, { owner, stateFolder }, release);
      return undefined;
    },
    takeDown: async (release) => await takeDownProject(host, { owner, stateFolder }, release),

    rehearse: async (draft, current) => await rehearseProject(deployment, host, stateFolder, draft, current),

    close: () => host.close(),
  };
  return driver;
}
