import { readdir, readFile, readlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a process may take to end by itself before it is killed. */
const graceMs = 3000;

/**
 * Ends what a deployment that was killed has left running: its children, as their environment shows, that work in
 * this folder or were told of it. Somebody who just looks at the folder is left in peace. Gives back how many there were. Where there is no /proc, it finds none.
 */
export async function endProcessesOf(folder: string): Promise<number> {
  const found = await processesOf(folder);
  for (const pid of found) signal(pid, 'SIGTERM');
  const deadline = performance.now() + graceMs;
  let left = found;
  while (left.length > 0 && performance.now() < deadline) {
    await sleep(20);
    left = await processesOf(folder);
  }
  for (const pid of left) signal(pid, 'SIGKILL');
  return found.length;
}

async function processesOf(folder: string): Promise<number[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) =>
      Number(pid) !== process.pid && (await concerns(pid, folder)) ? [Number(pid)] : [],
    ),
  );
  return found.flat();
}

/** A process of another user can't be looked into, and is none of ours. */
async function concerns(pid: string, folder: string): Promise<boolean> {
  const inside = `${folder}/`;
  const [cwd, cmdline, environ] = await Promise.all([
    readlink(`/proc/${pid}/cwd`).catch(() => ''),
    readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
    readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''),
  ]);
  if (!/(^|\0)(LAUNCH_SERVICE|GIT_INDEX_FILE)=/.test(environ)) return false;
  return `${cwd}/`.startsWith(inside) || cmdline.includes(inside) || environ.includes(inside);
}

/** Alone, not its group: that may be the group of somebody who only waits for it. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended already.
  }
}
