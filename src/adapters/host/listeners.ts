import { readdir, readFile, readlink } from 'node:fs/promises';

export interface Listener {
  readonly port: number;
  readonly protocol: string;
  readonly address: string;
  /** Of its socket. */
  readonly inode: string;
}

const tables = [
  { file: 'tcp', protocol: 'tcp', state: '0A' },
  { file: 'tcp6', protocol: 'tcp', state: '0A' },
  // A UDP socket that is bound and not connected.
  { file: 'udp', protocol: 'udp', state: '07' },
  { file: 'udp6', protocol: 'udp', state: '07' },
] as const;

/** What listens on this machine, as the kernel tells it; nothing where there is no /proc. */
export async function listeners(): Promise<Listener[]> {
  const all = await Promise.all(
    tables.map(async ({ file, protocol, state }) => {
      const text = await readFile(`/proc/net/${file}`, 'utf8').catch(() => '');
      return text.split('\n').flatMap((line) => {
        const [, local = '', , found, , , , , , inode = ''] = line.trim().split(/\s+/);
        const [address = '', port = ''] = local.split(':');
        if (found !== state || port === '') return [];
        return [{ port: Number.parseInt(port, 16), protocol, address: addressFrom(address), inode }];
      });
    }),
  );
  return all.flat();
}

/** In the table each group of four bytes stands in the machine's order, which is the little-endian one. */
export function addressFrom(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).toReversed().map((byte) => Number.parseInt(byte, 16)),
  );
  if (bytes.length === 4) return bytes.join('.');
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (isMapped) return bytes.slice(12).join('.');
  // It takes the connections of both families, so that it stands in the way of both.
  if (bytes.every((byte) => byte === 0)) return '';
  const groups = Array.from({ length: 8 }, (_, at) =>
    ((bytes[2 * at] ?? 0) * 256 + (bytes[2 * at + 1] ?? 0)).toString(16),
  );
  return groups.join(':').replace(/^0(:0)*:1$/, '::1');
}

/** The process that has a socket, `nginx (process 123)`; undefined when this user may not see it. */
export async function holderOf(inode: string): Promise<string | undefined> {
  const processes = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const id of processes) {
    const files = await readdir(`/proc/${id}/fd`).catch(() => []);
    for (const file of files) {
      const leadsTo = await readlink(`/proc/${id}/fd/${file}`).catch(() => '');
      if (leadsTo !== `socket:[${inode}]`) continue;
      const name = await readFile(`/proc/${id}/comm`, 'utf8').catch(() => 'a process');
      return `${name.trim()} (process ${id})`;
    }
  }
  return undefined;
}
