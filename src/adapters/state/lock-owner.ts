import { open, readFile } from 'node:fs/promises';
import * as z from 'zod/mini';
import { onDisk } from './on-disk.ts';

const ownerRecord = z.object({
  who: z.string(),
  since: z.string(),
  /** The processes that hold the lock: the one that deploys, and its guardian. */
  pid: z.optional(z.number()),
  guardian: z.optional(z.number()),
});

/** Who holds a lock, for people. */
export type LockOwner = z.infer<typeof ownerRecord>;

/** Who holds the lock at `path`, as far as its file tells; the kernel knows whether it is held. */
export async function readLockOwner(path: string): Promise<LockOwner | undefined> {
  try {
    const parsed = z.safeParse(ownerRecord, JSON.parse(await readFile(path, 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** In place: a new file under the name would be another lock. On a full disk the lock just has no name. */
export async function writeLockOwner(path: string, owner: LockOwner | undefined): Promise<void> {
  try {
    await onDisk(path, async () => {
      const file = await open(path, 'r+');
      try {
        await file.truncate(0);
        if (owner !== undefined) await file.write(`${JSON.stringify(owner)}\n`, 0);
      } finally {
        await file.close();
      }
    });
  } catch {
    // What counts is the lock; the name on it is a courtesy.
  }
}
