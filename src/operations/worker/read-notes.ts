import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseWorkerNotes, type WorkerNote, wholeNote } from '../../core/cloudflare/worker-note.ts';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';

/** A note is a few hundred bytes for each worker. */
const longestNote = 256 * 1024;

/**
 * What the deploy jobs noted of a target's workers, by service: every JSON file in `folder`, at any depth. A folder that
 * is not there is none: no artifact was downloaded.
 *
 * @throws LaunchError CONFIG_INVALID for a file that is no note: what it says of a live worker would be lost.
 */
export async function readNotes(folder: string, target: string): Promise<ReadonlyMap<string, WorkerNote>> {
  const all: WorkerNote[] = [];
  for (const file of await jsonFiles(folder)) {
    const path = join(folder, file);
    const text = (await stat(path)).size > longestNote ? '' : await readFile(path, 'utf8');
    const notes = parseWorkerNotes(text);
    if (notes === undefined) {
      throw new LaunchError('CONFIG_INVALID', `${printable(file)} is not the note of a deploy job.`, {
        remedy: 'Give the input `notes` a folder that holds nothing but what the deploy jobs handed on.',
      });
    }
    all.push(...notes.filter((note) => note.target === target));
  }
  const byService = Map.groupBy(all, ({ service }) => service);
  return new Map(
    [...byService].flatMap(([service, [first, ...others]]) =>
      first === undefined ? [] : [[service, wholeNote([first, ...others])] as const],
    ),
  );
}

async function jsonFiles(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true });
    return entries.filter((name) => name.endsWith('.json')).sort();
  } catch (cause) {
    if (isMissing(cause)) return [];
    throw new LaunchError('CONFIG_INVALID', `The folder ${printable(folder)} can't be read.`, {
      remedy: 'Check the input `notes`.',
      cause,
    });
  }
}

function isMissing(cause: unknown): boolean {
  return typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === 'ENOENT';
}
