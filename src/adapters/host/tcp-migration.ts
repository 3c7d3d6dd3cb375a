import { readFile, writeFile } from 'node:fs/promises';

const switchFile = '/proc/sys/net/ipv4/tcp_migrate_req';

/** Whether the kernel hands waiting connections to another socket of the port; undefined where it can't (before 5.14). */
export async function readTcpMigration(): Promise<boolean | undefined> {
  const text = await readFile(switchFile, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : text.trim() === '1';
}

/** Switches that on, now and after a restart; false where this user may not. */
export async function setTcpMigration(): Promise<boolean> {
  try {
    await writeFile(switchFile, '1');
    await writeFile('/etc/sysctl.d/60-launch-edge.conf', 'net.ipv4.tcp_migrate_req = 1\n');
    return true;
  } catch {
    // Only root may.
    return false;
  }
}
