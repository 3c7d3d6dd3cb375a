import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** The processes that hold the lock at `path`, as far as this user may see them; not those that wait for it. */
export async function lockHolders(path: string): Promise<number[]> {
  const real = join(await realpath(dirname(path)), basename(path));
  const queue = `${join(dirname(real), 'queue')}/`;
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const files = await openFiles(pid);
      const isHolder = files.includes(real) && !files.some((file) => /^\d{9}/.test(ticketOf(file, queue)));
      return isHolder && (await readFile(`/proc/${pid}/comm`, 'utf8')).trim() !== 'flock'
        ? [Number(pid)]
        : [];
    }),
  );
  return found.flat().filter((pid) => pid !== process.pid);
}

function ticketOf(file: string, queue: string): string {
  return file.startsWith(queue) ? file.slice(queue.length) : '';
}

async function openFiles(pid: string): Promise<string[]> {
  const names = await readdir(`/proc/${pid}/fd`).catch(() => []);
  return await Promise.all(names.map(async (fd) => await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
}
