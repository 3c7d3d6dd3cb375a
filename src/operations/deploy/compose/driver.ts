import { join } from 'node:path';
import { serverFor, servers } from '../../../adapters/edge/caddy-routes.ts';
import { openEngine } from '../../../adapters/engine/api.ts';
import { containersOf, type InspectedContainer } from '../../../adapters/engine/containers.ts';
import { findEndpoint } from '../../../adapters/engine/endpoint.ts';
import { imagesOf } from '../../../adapters/engine/images.ts';
import { networksOf } from '../../../adapters/engine/networks.ts';
import { run } from '../../../adapters/process/run.ts';
import { dryRunArgv, upArgv } from '../../../core/deploy/compose-argv.ts';
import { judgeContainers } from '../../../core/deploy/container-verdict.ts';
import type { EdgeRoute } from '../../../core/deploy/edge.ts';
import type { Generations } from '../../../core/deploy/generations.ts';
import type { Switching } from '../../../core/deploy/journal.ts';
import { assertOwnProject } from '../../../core/deploy/ownership.ts';
import type { Release } from '../../../core/deploy/release.ts';
import { layout } from '../../../core/deploy/state-layout.ts';
import { LaunchError } from '../../../core/errors.ts';
import { type Deployment, releaseEnv } from '../deployment.ts';
import type { Driver } from '../driver.ts';
import { runCommand } from '../run-script.ts';
import { checksOf, verifyRelease } from '../verify-release.ts';
import { assertPortsFree } from './assert-ports-free.ts';
import { describeContainers } from './describe-containers.ts';
import { fetchImages } from './fetch-images.ts';
import { type LaidOut, layOutMounts, readProject } from './lay-out.ts';
import { type OpenEdge, openEdge } from './open-edge.ts';
import { composeHashes, planBeside, planRoute, strategyOf } from './plan-switch.ts';
import { inspectProject, labelOf, lookAt, nameOf, now, serviceLabel, tailOf } from './project-containers.ts';
import { type BesideContext, goesOneByOne, retireOld, startBeside, switchBeside } from './side-by-side.ts';
import { bringBack, makeStandBy, removeStandBy } from './stand-by.ts';
import { asTargets, leadBack, leadsTo, restoreRoute, targetsOf } from './traffic.ts';
import { directedAt, verifyTargets } from './verify-targets.ts';

/** A service whose containers compose starts. */
export async function composeDriver(deployment: Deployment, stateFolder: string): Promise<Driver> {
  const { env, redact, owner, folder, reporter, request } = deployment;
  const api = openEngine(await findEndpoint(env));
  const containers = containersOf(api);
  const images = imagesOf(api);
  const networks = networksOf(api);
  let laidOut: LaidOut | undefined;
  // What stood there before the start, with its environment: only ever in memory and in the engine.
  let originals: readonly InspectedContainer[] = [];
  let edge: OpenEdge | undefined;
  let route: EdgeRoute | undefined;
  let previousRoute: EdgeRoute | undefined;
  let generations: Generations | undefined;
  let hashes: Promise<ReadonlyMap<string, string>> = Promise.resolve(new Map());
  const verified = new Set<string>();

  const findEdge = async () => {
    edge ??= await openEdge(deployment.stateRoot);
    return edge;
  };
  const beside = (switching: Switching | undefined): BesideContext | undefined =>
    switching?.route === undefined || generations === undefined || edge === undefined
      ? undefined
      : {
          ...{ deployment, containers, edge: edge.proxy, laidOut: laid(), generations, switching },
          route: switching.route,
        };

  const laid = (): LaidOut => {
    if (laidOut === undefined) throw new Error('the release is not prepared');
    return laidOut;
  };
  const compose = { env, cwd: deployment.top, redact, signal: request.signal };
  const restartsOf = async (before: readonly { readonly id: string }[]) => {
    const found = await Promise.all(before.map(async ({ id }) => await containers.inspect(id)));
    return new Map(found.flatMap((it) => (it === undefined ? [] : [[it.Id, it.RestartCount ?? 0]])));
  };
  const assertOwn = async (project: string, current: Release | undefined) => {
    const found = await containers.list([`com.docker.compose.project=${project}`]);
    const known = new Set(current?.containers.map(({ id }) => id));
    assertOwnProject(found, { project, owner, state: stateFolder, known });
  };

  const driver: Driver = {
    async assertReady() {
      await api.call('GET', '/_ping', { timeout: 10_000 });
    },

    async isRunning(release) {
      if (release.project === undefined) return false;
      const found = await inspectProject(containers, release.project);
      const recorded = new Set(release.containers.map(({ id }) => id));
      if (found.length !== recorded.size || !found.every((it) => recorded.has(it.Id))) return false;
      const restarts = new Map(found.map((it) => [it.Id, it.RestartCount ?? 0]));
      if (judgeContainers(found.map(now), restarts).kind !== 'good') return false;
      const { route: served, project } = release;
      if (served === undefined || (await findEdge()) === undefined) return true;
      // A container may have another address since it was started again.
      const upstreams = asTargets(found, project, served).map((it) => it.upstream);
      return edge === undefined || (await leadsTo(edge.proxy, served, upstreams));
    },

    async direct(checks, { project, route: served }) {
      if (project === undefined || served === undefined) return checks;
      return directedAt(await inspectProject(containers, project), project, served, checks);
    },

    async prepare(draft, current) {
      laidOut = await readProject(deployment, draft, stateFolder, compose);
      const { name, mounts } = laidOut;
      await assertOwn(name, current);
      await assertPortsFree(deployment, laidOut, await containers.list([]), current, env);
      const { settings } = deployment.service;
      previousRoute = current?.route;
      if (
        settings.route !== undefined ||
        previousRoute !== undefined ||
        strategyOf(deployment) !== undefined
      ) {
        route = await planRoute(deployment, laidOut, await findEdge());
      }
      // Asked for while the images come.
      if (strategyOf(deployment) !== undefined) hashes = composeHashes(deployment, laidOut);
      await layOutMounts(draft, mounts, stateFolder);
      const failure = await fetchImages(
        laidOut,
        images,
        async (title, command) => await runCommand(deployment, { title, command, cwd: deployment.top, env }),
        (message) => reporter.warning(message),
      );
      if (failure === undefined) {
        const content = [...mounts.sources.values()].flatMap((it) => (it.kind === 'content' ? [it.key] : []));
        return {
          project: name,
          mounts: [...new Set(content)],
          ...(route === undefined ? {} : { route }),
        };
      }
      throw new LaunchError('DEPLOY_FAILED', `${failure.reason}: ${failure.lines.slice(-3).join(' ')}.`, {
        remedy: 'Nothing has been changed. Mend what it names, then deploy again.',
      });
    },

    async lookBefore({ id: release }) {
      const { name } = laid();
      originals = await inspectProject(containers, name);
      const strategy = originals.length === 0 ? undefined : strategyOf(deployment);
      if (strategy !== undefined) {
        generations = await planBeside(deployment, laid(), await hashes, images, originals);
      }
      const switching = {
        release,
        ...(strategy === undefined ? {} : { strategy }),
        ...(route === undefined ? {} : { route }),
        ...(previousRoute === undefined ? {} : { previous: previousRoute }),
        leaving: [...(generations?.leaving ?? [])],
      };
      return {
        ...(route === undefined && previousRoute === undefined ? {} : { switching }),
        project: name,
        networks: await networks.list(name),
        before: originals.map((it) => ({
          id: it.Id,
          name: nameOf(it),
          running: it.State.Running,
          service: labelOf(it, serviceLabel),
        })),
      };
    },

    async keep(draft, { switching }) {
      // Beside the new generation the old one is itself what can come back.
      if (generations !== undefined && switching !== undefined && !goesOneByOne(generations, switching))
        return;
      await makeStandBy(containers, originals, draft.id, laid().name);
    },

    async start(draft, { switching }) {
      const { project, name, composeFile } = laid();
      const context = beside(switching);
      if (context !== undefined) return await startBeside(context);
      if (!deployment.service.folder.shape.deployScript) {
        const title = `Start ${owner.service}`;
        return await runCommand(deployment, { title, command: upArgv(project), cwd: deployment.top, env });
      }
      return await runCommand(deployment, {
        title: `deploy.sh of ${owner.service}`,
        command: ['./deploy.sh'],
        cwd: join(draft.path, layout.snapshot, folder),
        env: releaseEnv(deployment, { id: draft.id, project: name, composeFile }),
      });
    },

    async explain({ project, before }) {
      const verdict = await lookAt(containers, project ?? '', await restartsOf(before));
      const failed = verdict.kind === 'failed' ? verdict.container.id : undefined;
      return failed === undefined ? [] : await tailOf(containers, project ?? '', failed, redact);
    },

    async verify(release, { project = '', before, switching }) {
      const composeFile =
        release.snapshot === undefined ? undefined : join(release.snapshot, '..', layout.compose);
      const env = releaseEnv(deployment, { id: release.id, project, composeFile });
      // What restarted before is not this release's fault; a container of its own starts at zero.
      const restarts = await restartsOf(before);
      const isNew = switching?.release === release.id;
      const served = isNew ? switching?.route : switching?.previous;
      if (served !== undefined) {
        const leaving = new Set(isNew ? switching?.leaving : []);
        const failure = await verifyTargets(deployment, {
          ...{ api, containers, project, route: served, leaving, restarts },
          known: new Set(isNew ? verified : []),
          checksFor: async (upstream) =>
            await checksOf(deployment, release, { ...env, LAUNCH_ADDRESS: upstream }),
        });
        if (failure === undefined && isNew) {
          for (const { id } of await targetsOf(containers, project, served, leaving)) verified.add(id);
        }
        return failure;
      }
      return await verifyRelease(deployment, {
        checks: await checksOf(deployment, release, env),
        look: async () => await lookAt(containers, project, restarts),
        tail: async (container) => await tailOf(containers, project, container, redact),
      });
    },

    async switchOver(release, before) {
      const { switching, project = '' } = before;
      const context = beside(switching);
      if (context !== undefined) {
        return await switchBeside(context, async () => await driver.verify(release, before));
      }
      if (route !== undefined && edge !== undefined) {
        const targets = await targetsOf(containers, project, route);
        await edge.proxy.serve(
          route,
          targets.map((it) => it.upstream),
          [],
        );
      }
      return undefined;
    },

    async retire({ switching, project = '' }) {
      if (switching === undefined) return;
      const proxy = (await findEdge())?.proxy;
      await retireOld({ containers, project, edge: proxy }, switching, deployment);
    },

    entrance() {
      if (route === undefined || edge === undefined) return undefined;
      const tls = serverFor(route.host, edge.settings.tls) === servers.tls;
      const port = tls ? edge.settings.https : edge.settings.http;
      return { port, tls, host: route.host, path: route.path };
    },

    describe: async ({ project = '', before }) =>
      await describeContainers(containers, images, project, before),

    async putBack({ project, before = [], networks: old = [], switching }) {
      if (project === undefined) return 'nothing';
      const proxy = switching === undefined ? undefined : (await findEdge())?.proxy;
      if (switching !== undefined && proxy !== undefined) {
        const ids = new Set(before.map(({ id }) => id));
        const { drain } = deployment.service.settings;
        const back = leadBack(proxy, containers, project, switching, ids, drain);
        // Without a second generation nobody is led anywhere yet: the containers come first.
        await (switching.strategy === undefined ? back.catch(() => {}) : back);
      }
      const lost = async () => await networks.restore(project, old);
      await bringBack(containers, images, project, before, lost);
      if (switching !== undefined && proxy !== undefined)
        await restoreRoute(proxy, containers, project, switching);
      if (before.some((it) => it.running)) return 'done';
      if (before.length === 0) await networks.remove(project);
      return 'nothing';
    },

    async settle(project) {
      if (project !== undefined) await removeStandBy(containers, project);
    },

    async rehearse(draft, current) {
      laidOut = await readProject(deployment, draft, stateFolder, compose);
      await assertOwn(laidOut.name, current);
      const planned = await run(dryRunArgv(laidOut.project), { env, cwd: deployment.top, timeout: 120_000 });
      const actions = `${planned.stdout}\n${planned.stderr}`
        .split('\n')
        .flatMap(
          (line) =>
            / *(?:DRY-RUN MODE - *)?((?:Container|Network|Volume|Image) .*)$/.exec(line)?.[1]?.trim() ?? [],
        );
      const mounted = [...laidOut.mounts.sources].map(([path, source]) =>
        source.kind === 'data' ? `data stays: ${path}` : `mounted from the commit: ${path}`,
      );
      return [...new Set(actions), ...mounted].map(redact);
    },

    close() {
      api.close();
      edge?.proxy.close();
    },
  };
  return driver;
}
