import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import * as z from 'zod/mini';
import type { ComposeRun } from '../../../adapters/engine/compose.ts';
import { run, succeeded } from '../../../adapters/process/run.ts';
import { writeWhole } from '../../../adapters/state/on-disk.ts';
import { type Additions, additionsFile } from '../../../core/deploy/additions.ts';
import { type Adopted, pinAdditions, plannedActions } from '../../../core/deploy/adopted.ts';
import { type ComposeProject, probeArgv } from '../../../core/deploy/compose-argv.ts';
import { escapeDollar } from '../../../core/deploy/mount-plan.ts';
import { layout } from '../../../core/deploy/state-layout.ts';
import type { Draft } from '../driver.ts';

/** As `composeEntry` writes it. */
const entryFile = z.looseObject({ include: z.array(z.looseObject({ path: z.array(z.string()) })) });

export async function readAdditions(draft: Draft): Promise<Additions> {
  return z.parse(additionsFile, parse(await readFile(join(draft.path, layout.additions), 'utf8')));
}

/**
 * Lets a release start with the containers of these services as they were before Launch took them over. What the
 * release itself adds stays beside it: that is what a return to this release goes by.
 */
export async function startPinned(draft: Draft, additions: Additions, adopted: Adopted): Promise<void> {
  const pinned = join(draft.path, layout.pinned);
  const isPinned = Object.keys(adopted).length > 0;
  if (isPinned) await writeWhole(pinned, stringify(pinAdditions(additions, adopted)));
  const own = join(draft.path, layout.additions);
  await nameInEntry(draft, isPinned ? [own, pinned] : [pinned, own]);
  if (!isPinned) await rm(pinned, { force: true });
}

async function nameInEntry(draft: Draft, [from, to]: readonly [string, string]): Promise<void> {
  const path = join(draft.path, layout.compose);
  const entry = z.parse(entryFile, parse(await readFile(path, 'utf8')));
  const include = entry.include.map((it) => ({
    ...it,
    path: it.path.map((file) => (file === escapeDollar(from) ? escapeDollar(to) : file)),
  }));
  await writeWhole(path, stringify({ ...entry, include }));
}

/** What compose would do with the containers of these services, by name; undefined when it can't tell. */
export async function rehearseUp(
  project: ComposeProject,
  services: readonly string[],
  { env, cwd }: ComposeRun,
): Promise<ReadonlyMap<string, readonly string[]> | undefined> {
  if (project.program !== 'docker compose') return undefined;
  if (services.length === 0) return new Map();
  const result = await run(probeArgv(project, services), { env, cwd, timeout: 120_000 });
  return succeeded(result) ? plannedActions(`${result.stdout}\n${result.stderr}`) : undefined;
}
