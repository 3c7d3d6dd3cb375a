import { existsSync } from 'node:fs';
import { access, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type ComposeRun, readComposeModel } from '../../../adapters/engine/compose.ts';
import type { Images } from '../../../adapters/engine/images.ts';
import { onDisk, writeWhole } from '../../../adapters/state/on-disk.ts';
import { composeEntry } from '../../../core/deploy/additions.ts';
import type { Argv } from '../../../core/deploy/compose-argv.ts';
import type { ComposeModel } from '../../../core/deploy/compose-model.ts';
import { registryOfImage } from '../../../core/deploy/registry.ts';
import type { Release, ReleaseImage } from '../../../core/deploy/release.ts';
import { layout } from '../../../core/deploy/state-layout.ts';
import { LaunchError } from '../../../core/errors.ts';
import { joinPath } from '../../../core/project/view.ts';
import type { Deployment } from '../deployment.ts';
import type { Draft } from '../driver.ts';
import { type Fetching, notPulled } from './fetch-images.ts';
import { composeFilesIn, type LaidOut } from './lay-out.ts';

type Restored = NonNullable<Deployment['restores']>;

/**
 * Lays a release of before out again: its compose files and what Launch had added to them, which leads to the
 * same mounts. git is not asked: on the host's checkout the commit may not be there any more.
 */
export async function readRestored(
  deployment: Deployment,
  draft: Draft,
  { release, path }: Restored,
  stateFolder: string,
  options: ComposeRun,
): Promise<LaidOut> {
  const { folder, owner, service } = deployment;
  await assertMounts(release, stateFolder);
  const files = await composeFilesIn(deployment, draft);
  const additions = join(draft.path, layout.additions);
  const entry = join(draft.path, layout.compose);
  const name = release.project ?? owner.service;
  const projectFolder = join(draft.path, layout.snapshot, folder);
  await onDisk(additions, async () => await copyFile(join(path, layout.additions), additions));
  const ports = await restorePorts(path, draft);
  await writeWhole(entry, stringify(composeEntry(name, [...files, ...ports, additions], projectFolder)));
  const common = { name, mounts: { sources: new Map() } };
  if (release.oldCompose === true) {
    const all = [...files, additions];
    const project = { program: 'docker-compose', files: all, project: name, folder: projectFolder } as const;
    return { ...common, project, model: modelOf(release), composeFile: all.join(':') };
  }
  const project = { program: 'docker compose', files: [entry] } as const;
  const shown = joinPath(folder, service.folder.shape.compose ?? 'compose.yml');
  const { strategy, route } = service.settings;
  // Where requests are led to was not found out then.
  const isUnrouted = route !== undefined && release.route === undefined;
  const model =
    strategy === 'recreate' && !isUnrouted
      ? modelOf(release)
      : (await readComposeModel(project, shown, options)).model;
  return { ...common, project, model, composeFile: entry };
}

/** What the release published on its target, where that is not what its compose file says. */
async function restorePorts(release: string, draft: Draft): Promise<readonly string[]> {
  const [from, to] = [join(release, layout.ports), join(draft.path, layout.ports)];
  if (!existsSync(from)) return [];
  await onDisk(to, async () => await copyFile(from, to));
  return [to];
}

/** What the record tells is enough for a plain start, and is there without asking compose. */
function modelOf(release: Release): ComposeModel {
  const services = Object.entries(release.images).map(([service, { name }]) => [service, { image: name }]);
  return { name: release.project ?? '', services: Object.fromEntries(services) };
}

async function assertMounts(release: Release, stateFolder: string): Promise<void> {
  for (const name of release.mounts) {
    try {
      await access(join(stateFolder, layout.mounts, name));
    } catch (cause) {
      throw new LaunchError(
        'DEPLOY_FAILED',
        `What the release ${release.id} mounts is gone: mounts/${name}.`,
        {
          remedy: 'Nothing has been changed. Go back to another release, or revert the commit and push.',
          cause,
        },
      );
    }
  }
}

/**
 * Makes sure that the images of a release are on this host, as they were: by their ids, and where one has been
 * removed, by its digest from the registry.
 *
 * @throws LaunchError DEPLOY_FAILED
 */
export async function returnImages(release: Release, fetching: Fetching): Promise<Release['images']> {
  const { images, run, ready } = fetching;
  for (const image of Object.values(release.images)) {
    if ((await images.find(image.id)) !== undefined) continue;
    if (image.digest === undefined) throw imageGone(release, image, 'it was built here');
    const hosts = new Set([registryOfImage(image.digest)]);
    await ready(hosts);
    const pull: Argv = ['docker', 'pull', '--quiet', image.digest];
    const failure = await run(`Pull ${image.digest}`, pull);
    if (failure !== undefined) throw notPulled(failure, hosts);
    if ((await images.find(image.id)) === undefined)
      throw imageGone(release, image, 'the registry has another');
  }
  return release.images;
}

function imageGone(release: Release, image: ReleaseImage, why: string): LaunchError {
  return new LaunchError(
    'DEPLOY_FAILED',
    `The image ${image.name} of the release ${release.id} is gone from this host, and ${why}.`,
    {
      remedy: 'Nothing has been changed. Go back to another release, or revert the commit and push.',
    },
  );
}

/** Names of the release that stand for another image now: a tag has moved on, or something was built anew. */
export async function movedTags(release: Release, images: Images): Promise<Record<string, string>> {
  const moved: Record<string, string> = {};
  for (const { name, id } of taggable(release)) {
    const now = (await images.find(name))?.id;
    if (now !== id) moved[name] = now ?? '';
  }
  return moved;
}

/** Points each name at the release's own image. */
export async function pointTagsAt(release: Release, images: Images): Promise<void> {
  for (const { name, id } of taggable(release)) {
    if ((await images.find(name))?.id !== id) await images.tag(id, name);
  }
}

/** Back to what they stood for; '' is a name that was not there. */
export async function pointTagsBack(tags: Readonly<Record<string, string>>, images: Images): Promise<void> {
  for (const [name, id] of Object.entries(tags)) {
    if (id === '') await images.remove(name);
    else if ((await images.find(id)) !== undefined) await images.tag(id, name);
  }
}

/** A name by digest always stands for the same. */
function taggable(release: Release): ReleaseImage[] {
  return Object.values(release.images).filter(
    ({ name }) => name !== '' && !name.includes('@') && !name.startsWith('sha256:'),
  );
}
