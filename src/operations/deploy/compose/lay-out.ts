import { mkdir, readdir, readFile, realpath } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { stringify } from 'yaml';
import { type ComposeRun, readComposeModel } from '../../../adapters/engine/compose.ts';
import { copyContent } from '../../../adapters/snapshot/copy-content.ts';
import { lookUp, quietGit } from '../../../adapters/snapshot/git.ts';
import { extendSnapshot, type SnapshotEntries } from '../../../adapters/snapshot/take-snapshot.ts';
import { assertDataThere } from '../../../adapters/state/data-links.ts';
import { onDisk, writeWhole } from '../../../adapters/state/on-disk.ts';
import { composeAdditions, composeEntry } from '../../../core/deploy/additions.ts';
import { dataPlaces } from '../../../core/deploy/adopted.ts';
import type { ComposeProject } from '../../../core/deploy/compose-argv.ts';
import type { ComposeModel } from '../../../core/deploy/compose-model.ts';
import {
  type MountContext,
  type MountPlan,
  mountedPaths,
  mountLocation,
  planMounts,
  type Tracked,
} from '../../../core/deploy/mount-plan.ts';
import { layout } from '../../../core/deploy/state-layout.ts';
import { LaunchError } from '../../../core/errors.ts';
import { printable } from '../../../core/names.ts';
import { joinPath } from '../../../core/project/view.ts';
import type { Deployment } from '../deployment.ts';
import type { Draft } from '../driver.ts';
import { readAdditions } from './pinned.ts';
import { withPortsReplaced, writePortOverride } from './replace-ports.ts';

/** A release's compose files, laid out so that compose can start it. */
export interface LaidOut {
  /** What compose is called with. */
  readonly project: ComposeProject;
  readonly name: string;
  readonly model: ComposeModel;
  readonly mounts: MountPlan;
  /** What COMPOSE_FILE says. */
  readonly composeFile: string;
}

/** The service's compose file and, as compose itself does it, its override file beside it. */
function composeFiles(deployment: Deployment, draft: Draft): string[] {
  return namedFiles(deployment, draft, (name) => draft.entries.has(joinPath(deployment.folder, name)));
}

/** The same, of a snapshot that no git was asked for. */
export async function composeFilesIn(deployment: Deployment, draft: Draft): Promise<string[]> {
  const there = new Set(await readdir(join(draft.path, layout.snapshot, deployment.folder)));
  return namedFiles(deployment, draft, (name) => there.has(name));
}

function namedFiles(
  { folder, service }: Deployment,
  draft: Draft,
  isThere: (name: string) => boolean,
): string[] {
  const overrides = [
    'compose.override.yaml',
    'compose.override.yml',
    'docker-compose.override.yml',
    'docker-compose.override.yaml',
  ];
  const override = overrides.find(isThere);
  return [service.folder.shape.compose ?? 'compose.yml', ...(override === undefined ? [] : [override])].map(
    (name) => join(draft.path, layout.snapshot, folder, name),
  );
}

/** Asks compose what the files mean, and works out where every mount of the release comes from. */
export async function readProject(
  deployment: Deployment,
  draft: Draft,
  stateFolder: string,
  options: ComposeRun,
): Promise<LaidOut> {
  const { owner, folder, service, reporter } = deployment;
  const files = composeFiles(deployment, draft);
  const shown = joinPath(folder, service.folder.shape.compose ?? 'compose.yml');
  const projectFolder = join(draft.path, layout.snapshot, folder);
  const hasName = await namesItself(files);
  const { model, program, warnings } = await readComposeModel(
    { files, folder: projectFolder, ...(hasName ? {} : { project: owner.service }) },
    shown,
    options,
  );
  assertServices(model, shown);
  for (const warning of warnings) reporter.warning(warning, { file: shown });
  const name = model.name === '' ? owner.service : model.name;
  const context: MountContext = {
    snapshot: join(draft.path, layout.snapshot),
    state: stateFolder,
    file: shown,
  };
  const mounts = await planAll(deployment, draft, mountedPaths(model, context));
  const additions = join(draft.path, layout.additions);
  const entry = join(draft.path, layout.compose);
  const ports = await writePortOverride(deployment, draft, { model, program });
  await writeWhole(additions, stringify(composeAdditions(model, mounts, owner, context)));
  await writeWhole(entry, stringify(composeEntry(name, [...files, ...ports, additions], projectFolder)));
  if (program === 'docker compose') {
    const project = { program, files: [entry] };
    const started = await withPortsReplaced(deployment, model, project, { ...options, file: shown });
    return { project, name, model: started, mounts, composeFile: entry };
  }
  reporter.warning(
    'Only version 1 of compose is here, which is no longer kept up. Install docker-compose-plugin.',
  );
  const all = [...files, additions];
  const project = { program, files: all, project: name, folder: projectFolder };
  return { project, name, model, mounts, composeFile: all.join(':') };
}

/** Compose itself finds out only when it is to start them. */
function assertServices(model: ComposeModel, file: string): void {
  if (Object.keys(model.services).length > 0) return;
  throw new LaunchError('CONFIG_INVALID', 'The compose file has no service to start.', {
    place: { file },
    remedy:
      'Nothing has been changed. Name at least one under `services`, not only such that wait for a profile.',
  });
}

async function namesItself(files: readonly string[]): Promise<boolean> {
  const texts = await Promise.all(files.map(async (file) => await readFile(file, 'utf8').catch(() => '')));
  return texts.some((text) => /^["']?name["']?\s*:/m.test(text));
}

/** Copies what the commit holds to where it is mounted from, and makes the folders for data. */
export async function layOutMounts(draft: Draft, mounts: MountPlan, stateFolder: string): Promise<void> {
  await onDisk(stateFolder, async () => {
    for (const folder of [layout.mounts, layout.data]) {
      await mkdir(join(stateFolder, folder), { recursive: true, mode: 0o700 });
    }
  });
  for (const source of mounts.sources.values()) {
    const to = join(stateFolder, mountLocation(source));
    await onDisk(to, async () => {
      if (source.kind === 'content') await copyContent(join(draft.path, layout.snapshot, source.path), to);
      else await mkdir(to, { recursive: true, mode: 0o755 }).catch(ignoreFile);
    });
  }
}

/** @throws LaunchError DEPLOY_FAILED when data that lies elsewhere is not there any more */
export async function assertDataIn(draft: Draft, stateFolder: string): Promise<void> {
  await assertDataThere(stateFolder, dataPlaces(await readAdditions(draft), stateFolder));
}

/** Data may be a file that a person has put there. */
function ignoreFile(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

async function planAll(deployment: Deployment, draft: Draft, paths: readonly string[]): Promise<MountPlan> {
  const { top, commit, folder, inputs, reporter } = deployment;
  const snapshot = join(draft.path, layout.snapshot);
  const entries = new Map(draft.entries);
  const unknown = paths.filter((path) => !isCovered(deployment, path));
  if (unknown.includes('')) {
    throw new LaunchError('CONFIG_INVALID', 'A container mounts the whole repository.', {
      place: { file: joinPath(folder, deployment.service.folder.shape.compose ?? 'compose.yml') },
      remedy: 'Mount the folders that it needs.',
    });
  }
  for (const entry of await lookUp(quietGit(top), commit, unknown)) {
    reporter.warning(
      `${printable(entry.path)} is mounted but is not part of the service: a change of it alone deploys nothing. Declare it in \`inputs\`.`,
    );
    const request = { top, commit, folder, inputs, destination: snapshot };
    for (const more of await extendSnapshot(request, entry.path)) entries.set(more.path, more);
    entries.set(entry.path, entry);
  }
  const real = new Map(
    await Promise.all(paths.map(async (path) => [path, await realPath(snapshot, path, entries)] as const)),
  );
  return planMounts(paths, (path) => trackedAt(entries, real.get(path) ?? path));
}

function isCovered({ folder, inputs }: Deployment, path: string): boolean {
  const isOwn = folder === '' || path === folder || path.startsWith(`${folder}/`);
  return isOwn || inputs.some((input) => input.matches(path));
}

/** Where symlinks lead, inside the snapshot; a path that is not in there stays as it is. */
async function realPath(snapshot: string, path: string, entries: SnapshotEntries): Promise<string> {
  try {
    return relative(await realpath(snapshot), await realpath(join(snapshot, path)));
  } catch {
    if (!entries.has(path)) return path;
    throw new LaunchError('CONFIG_INVALID', `The mounted symlink ${printable(path)} leads to nothing.`, {
      place: { file: path },
      remedy: 'Commit what it leads to, or declare it in `inputs` when it is outside of the service folder.',
    });
  }
}

/** Marks by which people keep an empty folder in git: what is in such a folder otherwise is data. */
const marks = new Set(['.gitkeep', '.keep', '.gitignore', '.dockerignore']);

function trackedAt(entries: SnapshotEntries, path: string): Tracked {
  const entry = entries.get(path);
  if (entry === undefined) return undefined;
  if (entry.type === 'blob') {
    return { kind: 'file', id: entry.id, executable: entry.mode === '100755', path };
  }
  if (entry.type === 'tree' && holdsMarksOnly(entries, path)) return { kind: 'placeholder' };
  return { kind: 'folder', id: entry.id, executable: false, path };
}

function holdsMarksOnly(entries: SnapshotEntries, folder: string): boolean {
  const below = [...entries.values()].filter(
    (entry) => entry.type !== 'tree' && entry.path.startsWith(`${folder}/`),
  );
  return below.every((entry) => marks.has(entry.path.slice(entry.path.lastIndexOf('/') + 1)));
}
