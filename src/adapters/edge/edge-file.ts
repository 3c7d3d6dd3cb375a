import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { writeWhole } from '../state/on-disk.ts';

const port = z.number().check(z.refine((n) => Number.isInteger(n) && n >= 1 && n <= 65_535));

/** `edge.json` in the state root: where the edge proxy of this host is. */
const edgeFile = z.strictObject({
  /** Of its admin API: `host:port` on loopback, or `unix/<path>`. */
  admin: z.string().check(z.regex(/^(unix\/\/?\/.+|(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):\d{1,5})$/)),
  http: z._default(port, 80),
  https: z._default(port, 443),
  /** The address to listen on; all of them without it. */
  bind: z.optional(z.string()),
  tls: z._default(z.enum(['auto', 'off']), 'auto'),
  /** The container that `launch edge up` has started; none where the proxy is somebody else's. */
  container: z.optional(z.string()),
});

export type EdgeSettings = z.infer<typeof edgeFile>;

const path = (stateRoot: string) => join(stateRoot, 'edge.json');

/**
 * Undefined on a host without an edge proxy.
 *
 * @throws LaunchError CONFIG_INVALID
 */
export async function readEdgeSettings(stateRoot: string): Promise<EdgeSettings | undefined> {
  const text = await readFile(path(stateRoot), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  return parseEdgeSettings(text, path(stateRoot));
}

/** @throws LaunchError CONFIG_INVALID */
export function parseEdgeSettings(text: string, file: string): EdgeSettings {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const parsed = z.safeParse(edgeFile, value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.map(String).join('.') ?? '';
  throw new LaunchError(
    'CONFIG_INVALID',
    `edge.json is not valid${where === '' ? '' : `: "${printable(where, 80)}" is wrong`}.`,
    {
      place: { file },
      remedy:
        'It holds {"admin": "127.0.0.1:2019", "http": 80, "https": 443, "tls": "auto"}; `launch edge up` writes it.',
    },
  );
}

export async function writeEdgeSettings(stateRoot: string, settings: EdgeSettings): Promise<void> {
  await writeWhole(path(stateRoot), `${JSON.stringify(settings, undefined, 2)}\n`, 0o660);
}

export async function removeEdgeSettings(stateRoot: string): Promise<void> {
  await rm(path(stateRoot), { force: true });
}
