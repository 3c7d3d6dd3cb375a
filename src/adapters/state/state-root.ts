import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onDisk } from './on-disk.ts';

/** 2770 where the root is shared by a group, as setup-runner makes it; else for its owner alone. */
export async function makeStateFolder(root: string, folder: string): Promise<{ readonly shared: boolean }> {
  return await onDisk(root, async () => {
    await mkdir(root, { recursive: true, mode: 0o700 });
    const shared = await isShared(root);
    const path = join(root, folder);
    await mkdir(path, { recursive: true, mode: shared ? 0o2770 : 0o700 });
    return { shared };
  });
}

export async function isShared(root: string): Promise<boolean> {
  return ((await stat(root)).mode & 0o2070) === 0o2070;
}

/** The key that seals secrets on this host; made on first use, never sent anywhere. */
export async function hostKey(root: string): Promise<Uint8Array> {
  const path = join(root, '.key');
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  return await onDisk(path, async () => {
    const known = await readFile(path).catch(() => undefined);
    if (known !== undefined && known.length >= 32) return known;
    try {
      await writeFile(draft, randomBytes(32), { mode: 0o600, flush: true });
      // A link, not a rename: of two that start at once the first one's key stays.
      await link(draft, path).catch(() => {});
    } finally {
      await rm(draft, { force: true });
    }
    return await readFile(path);
  });
}
