// Watches a machine for pieces of canaries until its stdin ends: the arguments of every process, and every file
// that comes up in some folders, however short its life. First line of stdin: what to look for, as JSON. Each
// finding is a line of stdout; the last line tells how much was looked at.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { traceFinder } from './canaries.ts';

const largest = 4 * 1024 * 1024;
/** All of a core goes into looking without a pause; the long soak spends it, the tests beside others do not. */
const pauseMs = process.env['LAUNCH_CANARY'] === 'all' ? 3 : 12;
let isOver = false;
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { cores, folders } = JSON.parse((await lines.next()).value ?? '{}') as {
  cores: string[];
  folders: string[];
};
const find = traceFinder(cores);
const processes = new Set<string>();
const files = new Set<string>();
/** How often a process was looked at. */
const known = new Map<string, number>();
void lines.next().then(() => {
  isOver = true;
});
process.stdout.write('watching\n');
while (!isOver) {
  // A look at a folder takes longer than some processes live.
  for (const folder of folders) {
    lookAtProcesses();
    lookInto(folder);
  }
  await sleep(pauseMs);
}
// What was there at the very end, too.
for (const folder of folders) lookInto(folder);
const programs = [...new Set([...processes].map((it) => it.split('\0')[0]?.split('/').at(-1) ?? ''))];
process.stdout.write(`${JSON.stringify({ processes: processes.size, files: files.size, programs })}\n`);

function lookAtProcesses(): void {
  const pids = readdirSync('/proc').filter((name) => /^\d/.test(name));
  for (const pid of known.keys()) if (!pids.includes(pid)) known.delete(pid);
  for (const pid of pids) {
    const times = known.get(pid) ?? 0;
    // One that has been there for so long does not become another program any more.
    if (times > 50) continue;
    known.set(pid, times + 1);
    const command = attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'latin1')) ?? '';
    if (command === '' || processes.has(command)) continue;
    processes.add(command);
    report(`an argument of ${command.split('\0')[0]}`, command);
  }
}

function lookInto(folder: string): void {
  for (const entry of attempt(() => readdirSync(folder, { withFileTypes: true, recursive: true })) ?? []) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const stat = attempt(() => statSync(path));
    const key = `${path} ${stat?.size} ${stat?.mtimeMs}`;
    if (stat === undefined || stat.size > largest || files.has(key)) continue;
    files.add(key);
    report(`the file ${path}`, attempt(() => readFileSync(path, 'latin1')) ?? '');
  }
}

function report(where: string, text: string): void {
  for (const trace of find(text)) process.stdout.write(`${where}: ${trace}\n`);
}

/** What is looked at may be gone already. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
