import { mkdir, readdir, readFile, readlink, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod/mini';
import { type Freeze, freezeFile } from '../../core/deploy/freeze.ts';
import { type JournalEntry, journalEntry } from '../../core/deploy/journal.ts';
import {
  type DataLink,
  type HistoryLine,
  historyLine,
  isReleaseId,
  type Newest,
  newestFile,
  type Release,
  releaseFile,
} from '../../core/deploy/release.ts';
import { layout } from '../../core/deploy/state-layout.ts';
import { wasWrittenTo } from '../snapshot/copy-content.ts';
import { linkData } from './data-links.ts';
import { appendLine, codeOf, onDisk, syncFolder, writeWhole } from './on-disk.ts';
import { sweepState } from './sweep.ts';

/** The folder of one service on one target: releases, mounts, data, journal and history. */
export interface ServiceState {
  /** Absolute. */
  readonly folder: string;
  releaseFolder(id: string): string;
  listReleases(): Promise<string[]>;
  /** Undefined when there is none, or none that can be read. */
  readRelease(id: string): Promise<Release | undefined>;
  makeRelease(id: string): Promise<string>;
  writeRelease(release: Release): Promise<void>;
  removeRelease(id: string): Promise<void>;
  /** The release that serves. */
  readCurrent(): Promise<Release | undefined>;
  setCurrent(id: string): Promise<void>;
  /** None serves any more. */
  clearCurrent(): Promise<void>;
  readJournal(): Promise<JournalEntry[]>;
  appendJournal(entry: JournalEntry): Promise<void>;
  clearJournal(): Promise<void>;
  readHistory(): Promise<HistoryLine[]>;
  appendHistory(line: HistoryLine): Promise<void>;
  readFreeze(): Promise<Freeze | undefined>;
  /** Undefined lifts it. */
  writeFreeze(freeze: Freeze | undefined): Promise<void>;
  readNewest(): Promise<Newest | undefined>;
  writeNewest(newest: Newest): Promise<void>;
  /** Makes a place for data stand for what lies elsewhere. */
  linkData(link: DataLink): Promise<void>;
  listMounts(): Promise<string[]>;
  /** False when a container has written into it: then it stays. */
  removeMount(name: string): Promise<boolean>;
  /** What a guardian has told of since it was last asked; told once. */
  takeGuardianLog(): Promise<string[]>;
  /** Removes what a killed run has left half-written; not to be called while a release is being made. */
  sweep(): Promise<void>;
}

export function openServiceState(folder: string, shared: boolean): ServiceState {
  const fileMode = shared ? 0o660 : 0o600;
  const folderMode = shared ? 0o2770 : 0o700;
  const at = (...parts: string[]) => join(folder, ...parts);
  const releaseFolder = (id: string) => at(layout.releases, assertReleaseId(id));
  const readRelease = async (id: string) =>
    isReleaseId(id) ? await readJson(join(releaseFolder(id), layout.record), releaseFile) : undefined;
  return {
    folder,
    releaseFolder,
    readRelease,
    listReleases: async () => (await namesIn(at(layout.releases))).filter(isReleaseId).sort(),
    async makeRelease(id) {
      const path = releaseFolder(id);
      await onDisk(path, async () => {
        await mkdir(at(layout.releases), { recursive: true, mode: folderMode });
        await mkdir(path, { mode: folderMode });
      });
      return path;
    },
    writeRelease: async (release) =>
      await writeWhole(
        join(releaseFolder(release.id), layout.record),
        `${JSON.stringify(release, undefined, 2)}\n`,
        fileMode,
      ),
    removeRelease: async (id) => await removeWhole(releaseFolder(id)),
    async readCurrent() {
      const link = await readlink(at(layout.current)).catch(() => undefined);
      return link === undefined ? undefined : await readRelease(basename(link));
    },
    async setCurrent(id) {
      const draft = at(`${layout.current}.new`);
      await onDisk(draft, async () => {
        await rm(draft, { force: true });
        await symlink(join(layout.releases, assertReleaseId(id)), draft);
        await rename(draft, at(layout.current));
        await syncFolder(folder);
      });
    },
    async clearCurrent() {
      await rm(at(layout.current), { force: true });
      await syncFolder(folder);
    },
    readJournal: async () => await readLines(at(layout.journal), journalEntry),
    appendJournal: async (entry) => await appendLine(at(layout.journal), JSON.stringify(entry), fileMode),
    clearJournal: async () => await rm(at(layout.journal), { force: true }),
    readHistory: async () => await readLines(at(layout.history), historyLine),
    appendHistory: async (line) => await appendLine(at(layout.history), JSON.stringify(line), fileMode),
    readFreeze: async () => await readJson(at(layout.freeze), freezeFile),
    async writeFreeze(freeze) {
      if (freeze === undefined) await rm(at(layout.freeze), { force: true });
      else await writeWhole(at(layout.freeze), `${JSON.stringify(freeze, undefined, 2)}\n`, fileMode);
    },
    readNewest: async () => await readJson(at(layout.newest), newestFile),
    writeNewest: async (newest) =>
      await writeWhole(at(layout.newest), `${JSON.stringify(newest)}\n`, fileMode),
    linkData: async (link) => await linkData(folder, link),
    listMounts: async () => (await namesIn(at(layout.mounts))).filter((name) => !name.endsWith('.new')),
    async removeMount(name) {
      const path = at(layout.mounts, basename(name));
      if (await wasWrittenTo(path)) return false;
      await removeWhole(path);
      return true;
    },
    async takeGuardianLog() {
      const text = await readFile(at(layout.guardianLog), 'utf8').catch(() => '');
      await rm(at(layout.guardianLog), { force: true });
      return text.split('\n').filter((line) => line !== '');
    },
    sweep: async () => await sweepState(folder),
  };
}

/** Half of a folder must never pass for the whole: it is gone by its name before the first file of it is. */
async function removeWhole(path: string): Promise<void> {
  const going = join(dirname(path), `.${basename(path)}.new`);
  await rm(going, { recursive: true, force: true });
  try {
    await rename(path, going);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  await rm(going, { recursive: true, force: true, maxRetries: 3 });
}

function assertReleaseId(id: string): string {
  if (isReleaseId(id)) return id;
  throw new Error(`not a release id: ${id}`);
}

async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => []);
}

async function readJson<S extends z.ZodMiniType>(path: string, schema: S): Promise<z.output<S> | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : parseLine(text, schema);
}

/** A line cut short by a kill counts as not written. */
async function readLines<S extends z.ZodMiniType>(path: string, schema: S): Promise<z.output<S>[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => parseLine(line, schema) ?? []);
}

function parseLine<S extends z.ZodMiniType>(text: string, schema: S): z.output<S> | undefined {
  try {
    const parsed = z.safeParse(schema, JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
