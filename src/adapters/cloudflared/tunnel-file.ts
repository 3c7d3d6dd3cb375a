import { mkdir, readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { writeWhole } from '../state/on-disk.ts';

const tunnelFile = z.object({
  /** Cloudflare's id of it, and whose it is. */
  id: z.string(),
  account: z.string(),
  /** What Launch leads through it from here. */
  hostnames: z.array(z.string()),
  /** How the connector runs here. */
  runAs: z.optional(z.enum(['compose', 'systemd'])),
  /** Of the metrics of each kind of connector: while one takes the place of the other, both run. */
  ports: z.optional(z.object({ compose: z.optional(z.number()), systemd: z.optional(z.number()) })),
  /** Of the unit that was started last; another one has to be started anew. */
  started: z.optional(z.string()),
});

/** `.tunnels/<name>/tunnel.json` in the state root: what this host knows of a tunnel. No secrets. */
export type KnownTunnel = z.infer<typeof tunnelFile>;

/** In the state root, where no owner of a repository can be called so. */
export const tunnelsFolder = '.tunnels';

/** The folder of a tunnel: its lock, what is known of it, and the files of a sidecar. */
export function tunnelFolder(name: string): string {
  return join(tunnelsFolder, name);
}

const path = (folder: string) => join(folder, 'tunnel.json');

/** Undefined where there is none, or none that can be read: all of it can be found out again. */
export async function readKnownTunnel(folder: string): Promise<KnownTunnel | undefined> {
  try {
    const parsed = z.safeParse(tunnelFile, JSON.parse(await readFile(path(folder), 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** The ports that tunnels of this host have for their metrics, whether anything listens there or not. */
export async function notedPorts(stateRoot: string): Promise<number[]> {
  const names = await readdir(join(stateRoot, tunnelsFolder)).catch(() => []);
  const all = await Promise.all(
    names.map(async (name) => await readKnownTunnel(join(stateRoot, tunnelFolder(name)))),
  );
  return all.flatMap((known) => Object.values(known?.ports ?? {}).filter((port) => port !== undefined));
}

export async function writeKnownTunnel(folder: string, known: KnownTunnel): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeWhole(path(folder), `${JSON.stringify(known, undefined, 2)}\n`, 0o660);
}

/** The lock stays behind: another run may wait for it. */
export async function removeKnownTunnel(folder: string): Promise<void> {
  await rm(path(folder), { force: true });
  await rmdir(folder).catch(() => {});
}
