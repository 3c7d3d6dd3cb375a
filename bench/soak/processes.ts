import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Processes that work in this folder or were told of it. */
export function processesOf(folder: string): { readonly pid: number; readonly command: string }[] {
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      const known = [readlinkSync(`/proc/${pid}/cwd`), command, readFileSync(`/proc/${pid}/environ`, 'utf8')];
      return known.some((text) => text.includes(folder)) ? [{ pid, command }] : [];
    } catch {
      return [];
    }
  });
}
