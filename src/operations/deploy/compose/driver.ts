import { join } from 'node:path';
import { openEngine } from '../../../adapters/engine/api.ts';
import { containersOf, type InspectedContainer } from '../../../adapters/engine/containers.ts';
import { dataRoot } from '../../../adapters/engine/data-root.ts';
import { findEndpoint } from '../../../adapters/engine/endpoint.ts';
import { imagesOf } from '../../../adapters/engine/images.ts';
import { networksOf } from '../../../adapters/engine/networks.ts';
import { run } from '../../../adapters/process/run.ts';
import { dryRunArgv, upArgv } from '../../../core/deploy/compose-argv.ts';
import { judgeContainers } from '../../../core/deploy/container-verdict.ts';
import { keptImagePrefix } from '../../../core/deploy/kept-image.ts';
import { assertOwnProject } from '../../../core/deploy/ownership.ts';
import { describedImages, type Release } from '../../../core/deploy/release.ts';
import { assertSpace, leastForImages } from '../../../core/deploy/space.ts';
import { layout } from '../../../core/deploy/state-layout.ts';
import { LaunchError } from '../../../core/errors.ts';
import { cutRedactor } from '../../../core/secrets/redact.ts';
import { type Deployment, releaseEnv } from '../deployment.ts';
import type { Driver } from '../driver.ts';
import { runCommand } from '../run-script.ts';
import { checksOf, verifyRelease } from '../verify-release.ts';
import { watchedEngine } from '../watched.ts';
import { type Fetching, fetchImages } from './fetch-images.ts';
import { forgetImages, keepImages } from './keep-images.ts';
import { type LaidOut, layOutMounts, readProject } from './lay-out.ts';
import {
  environmentValues,
  inspectProject,
  labelOf,
  lookAt,
  nameOf,
  now,
  serviceLabel,
  tailOf,
} from './project-containers.ts';
import { movedTags, pointTagsAt, pointTagsBack, readRestored, returnImages } from './restore.ts';
import { bringBack, makeStandBy, removeStandBy } from './stand-by.ts';

/** A service whose containers compose starts. */
export async function composeDriver(deployment: Deployment, stateFolder: string): Promise<Driver> {
  const { env, redact, owner, folder, reporter, request, restores } = deployment;
  const api = watchedEngine(openEngine(await findEndpoint(env)), deployment.charge);
  const containers = containersOf(api);
  const images = imagesOf(api);
  const networks = networksOf(api);
  let laidOut: LaidOut | undefined;
  // What stood there before the start, with its environment: only ever in memory and in the engine.
  let originals: readonly InspectedContainer[] = [];

  const laid = (): LaidOut => {
    if (laidOut === undefined) throw new Error('the release is not prepared');
    return laidOut;
  };
  const compose = { env, cwd: deployment.top, redact, signal: request.signal };
  const restartsOf = async (before: readonly { readonly id: string }[]) => {
    const found = await Promise.all(before.map(async ({ id }) => await containers.inspect(id)));
    return new Map(found.flatMap((it) => (it === undefined ? [] : [[it.Id, it.RestartCount ?? 0]])));
  };
  // Who only brings a release to an end was not told its secrets: they are in its containers.
  const secretsOf = async (project: string) => {
    const { secretValues, secretNames } = deployment;
    if (secretValues.length > 0 || secretNames.length === 0) return secretValues;
    return environmentValues(await inspectProject(containers, project));
  };
  const assertOwn = async (project: string, current: Release | undefined) => {
    const found = await containers.list([`com.docker.compose.project=${project}`]);
    const known = new Set(current?.containers.map(({ id }) => id));
    assertOwnProject(found, { project, owner, state: stateFolder, known });
  };

  const keptPrefix = keptImagePrefix(owner.service, stateFolder);
  const fetching: Fetching = {
    images,
    run: async (title, command) =>
      await runCommand(deployment, {
        title,
        command,
        cwd: deployment.top,
        env: { ...env, ...deployment.logins.env() },
      }),
    warn: (message) => reporter.warning(message),
    async ready(hosts) {
      const root = await dataRoot(api);
      if (root !== undefined)
        assertSpace({ what: 'Docker', ...root }, request.leastFreeBytes ?? leastForImages);
      await deployment.logins.ensure(hosts);
    },
  };

  return {
    async assertReady() {
      await api.call('GET', '/_ping', { timeout: 10_000 });
    },

    async isRunning(release) {
      if (release.project === undefined) return false;
      const found = await inspectProject(containers, release.project);
      const recorded = new Set(release.containers.map(({ id }) => id));
      if (found.length !== recorded.size || !found.every((it) => recorded.has(it.Id))) return false;
      const restarts = new Map(found.map((it) => [it.Id, it.RestartCount ?? 0]));
      return (
        judgeContainers(
          found.map((it) => now(it, redact)),
          restarts,
        ).kind === 'good'
      );
    },

    async prepare(draft, current) {
      if (restores !== undefined) {
        const { release } = restores;
        laidOut = await readRestored(deployment, draft, restores, stateFolder, compose);
        await assertOwn(laidOut.name, current);
        const old = release.oldCompose === true ? { oldCompose: true } : {};
        const fetched = await returnImages(release, fetching);
        return { project: laidOut.name, mounts: release.mounts, images: fetched, ...old };
      }
      laidOut = await readProject(deployment, draft, stateFolder, compose);
      const { name, mounts, project } = laidOut;
      await assertOwn(name, current);
      await deployment.charge.beforeEffect('lay out the mounts');
      await layOutMounts(draft, mounts, stateFolder);
      const fetched = describedImages(current?.images ?? {}, await fetchImages(laidOut, fetching));
      const content = [...mounts.sources.values()].flatMap((it) => (it.kind === 'content' ? [it.key] : []));
      const old = project.program === 'docker compose' ? {} : { oldCompose: true };
      return { project: name, mounts: [...new Set(content)], images: fetched, ...old };
    },

    async lookBefore() {
      const { name } = laid();
      originals = await inspectProject(containers, name);
      return {
        project: name,
        networks: await networks.list(name),
        ...(restores === undefined ? {} : { tags: await movedTags(restores.release, images) }),
        before: originals.map((it) => ({
          id: it.Id,
          name: nameOf(it),
          running: it.State.Running,
          service: labelOf(it, serviceLabel),
        })),
      };
    },

    keep: async (draft) => await makeStandBy(containers, originals, draft.id, laid().name),

    async start(draft) {
      const { project, name, composeFile } = laid();
      if (restores !== undefined) await pointTagsAt(restores.release, images);
      if (!deployment.service.folder.shape.deployScript) {
        const title = `Start ${owner.service}`;
        return await runCommand(deployment, { title, command: upArgv(project), cwd: deployment.top, env });
      }
      await deployment.logins.ensure('all');
      return await runCommand(deployment, {
        title: `deploy.sh of ${owner.service}`,
        command: ['./deploy.sh'],
        cwd: join(draft.path, layout.snapshot, folder),
        env: releaseEnv(deployment, { id: draft.id, project: name, composeFile }),
      });
    },

    async explain({ project, before }) {
      const secrets = await secretsOf(project ?? '');
      const verdict = await lookAt(containers, project ?? '', await restartsOf(before), redact);
      const failed = verdict.kind === 'failed' ? verdict.container.id : undefined;
      return failed === undefined ? [] : await tailOf(containers, project ?? '', failed, secrets);
    },

    async verify(release, { project = '', before }) {
      const composeFile =
        release.snapshot === undefined ? undefined : join(release.snapshot, '..', layout.compose);
      const env = releaseEnv(deployment, { id: release.id, project, composeFile });
      // What restarted before is not this release's fault; a container of its own starts at zero.
      const restarts = await restartsOf(before);
      const secrets = await secretsOf(project);
      const hide = cutRedactor(secrets, 'end');
      return await verifyRelease(deployment, {
        checks: await checksOf({ ...deployment, secretValues: secrets }, release, env),
        look: async () => await lookAt(containers, project, restarts, hide),
        tail: async (container) => await tailOf(containers, project, container, secrets),
      });
    },

    async describe({ project = '', before }) {
      const found = await inspectProject(containers, project);
      const old = new Set(before.map(({ id }) => id));
      const described = await Promise.all(
        found.map(async (it) => {
          const digest = (await images.find(it.Image))?.digest;
          const name = String(it.Config['Image'] ?? '');
          const entry = { name, id: it.Image, ...(digest === undefined ? {} : { digest }) };
          return [labelOf(it, serviceLabel), entry] as const;
        }),
      );
      return {
        images: Object.fromEntries(described),
        containers: found.map((it) => ({ id: it.Id, name: nameOf(it), service: labelOf(it, serviceLabel) })),
        made: found.filter((it) => !old.has(it.Id)).map(nameOf),
        kept: found.filter((it) => old.has(it.Id)).map(nameOf),
      };
    },

    async putBack({ project, before = [], networks: old = [], tags = {} }) {
      if (project === undefined) return 'nothing';
      await pointTagsBack(tags, images);
      const lost = async () => await networks.restore(project, old);
      await bringBack(containers, images, project, before, lost);
      await networks.removeOthers(project, old);
      if (before.some((it) => it.running)) return 'done';
      if (before.length === 0) await networks.remove(project);
      return 'nothing';
    },

    async keepImages(release) {
      try {
        await keepImages(images, keptPrefix, release);
      } catch (error) {
        // It serves; that is more than that it can come back.
        const why = error instanceof LaunchError ? error.summary : String(error);
        reporter.warning(`The images of ${release.id} could not be kept for a rollback: ${why}`);
      }
    },

    async forgetImages(gone, staying) {
      await forgetImages(containers, images, keptPrefix, { gone, staying });
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

    close: () => api.close(),
  };
}
