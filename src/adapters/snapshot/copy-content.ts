import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Written last: what is in the folder and newer than this was not put there by Launch. */
const markName = '.copied';

/**
 * Puts a copy of a snapshot's file or folder in place for containers, unless it is there already: then it is the
 * same, because its folder is named after its content. It appears whole or not at all. Containers read it as
 * users of their own, so it is readable for all, whatever the umask; the state folder above is what is private.
 */
export async function copyContent(from: string, to: string): Promise<void> {
  if (await exists(to)) return;
  const folder = dirname(to);
  const draft = `${folder}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  await chmod(draft, 0o755);
  await copy(from, join(draft, basename(to)));
  await writeFile(join(draft, markName), '');
  // A folder without the content is what a kill has left of an older attempt.
  await rm(folder, { recursive: true, force: true });
  await rename(draft, folder);
}

async function copy(from: string, to: string): Promise<void> {
  const info = await lstat(from);
  if (info.isSymbolicLink()) await symlink(await readlink(from), to);
  else if (info.isDirectory()) {
    await mkdir(to);
    await chmod(to, 0o755);
    for (const name of await readdir(from)) await copy(join(from, name), join(to, name));
  } else {
    await copyFile(from, to);
    await chmod(to, (info.mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}

/**
 * Whether anything was written into a copy since it was made: a container writes into a folder that git tracks.
 * Such a copy is never removed, because what was written is nowhere else. Change times tell it, which no program
 * can set back.
 */
export async function wasWrittenTo(folder: string): Promise<boolean> {
  const mark = await lstat(join(folder, markName), { bigint: true }).catch(() => undefined);
  if (mark === undefined) return false;
  for (const name of await readdir(folder)) {
    if (name !== markName && (await changedAfter(join(folder, name), mark.ctimeNs))) return true;
  }
  return false;
}

async function changedAfter(path: string, moment: bigint): Promise<boolean> {
  const info = await lstat(path, { bigint: true });
  if (info.ctimeNs > moment) return true;
  if (!info.isDirectory()) return false;
  for (const name of await readdir(path)) {
    if (await changedAfter(join(path, name), moment)) return true;
  }
  return false;
}

async function exists(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}
