import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { runCancelled } from '../../core/cancelled.ts';
import type { CloudflaredRelease } from '../../core/cloudflare/tunnel/cloudflared.ts';
import { formatDuration } from '../../core/config/duration.ts';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { fetchThroughProxy } from '../github/proxied-fetch.ts';
import { onDisk } from '../state/on-disk.ts';

export interface ProgramDownload {
  readonly release: CloudflaredRelease;
  /** Below which the releases are: `<base>/<version>/<asset>`. */
  readonly base: string;
  /** Node's name of the processor. */
  readonly arch: string;
  /** Where to put it; made anew, for its owner alone. */
  readonly destination: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** What cloudflared weighs is about 40 MB; nobody's disk is filled with more. */
const limit = 200 * 1024 * 1024;

/** Whether a file is exactly the program of a release. */
export async function isProgram(file: string, sha256: string): Promise<boolean> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array);
  } catch {
    return false;
  }
  return hash.digest('hex') === sha256;
}

/** @throws LaunchError CONFIG_INVALID where there is no cloudflared for this processor */
export function programFor(release: CloudflaredRelease, arch: string) {
  const program = release.programs[arch];
  if (program !== undefined) return program;
  throw new LaunchError(
    'CONFIG_INVALID',
    `Launch knows no cloudflared for the processor ${printable(arch)}.`,
    {
      remedy: `It knows those for ${Object.keys(release.programs).join(' and ')}. Take \`run-as: compose\` with an \`image\` for yours.`,
    },
  );
}

/**
 * Downloads cloudflared and verifies it: what is not exactly the pinned release never becomes a program.
 *
 * @throws LaunchError API_ERROR, TIMEOUT, CANCELLED, DISK_FULL
 */
export async function downloadProgram(download: ProgramDownload): Promise<void> {
  const { release, base, arch, destination, timeoutMs, signal } = download;
  const { asset, sha256 } = programFor(release, arch);
  const url = `${base.replace(/\/+$/, '')}/${release.version}/${asset}`;
  const late = AbortSignal.timeout(timeoutMs);
  try {
    const found = await onDisk(destination, async () => {
      const stop = signal === undefined ? late : AbortSignal.any([late, signal]);
      return await fetchInto(url, destination, stop);
    });
    if (found !== sha256)
      throw failure(url, `its SHA-256 is ${found}, and that of ${release.version} is ${sha256}`);
  } catch (error) {
    if (error instanceof LaunchError) throw error;
    if (signal?.aborted === true) {
      throw runCancelled();
    }
    if (late.aborted) {
      throw new LaunchError('TIMEOUT', `${shown(url)} has not come in ${formatDuration(timeoutMs)}.`, {
        remedy: 'Run it again, or raise `timeout`.',
      });
    }
    throw failure(url, reasonOf(error), error);
  }
}

/** Returns the SHA-256 of what came. */
async function fetchInto(url: string, destination: string, signal: AbortSignal): Promise<string> {
  const fetchNow = (await fetchThroughProxy()) ?? fetch;
  const response = await fetchNow(url, { signal, headers: { 'user-agent': 'launch' } });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new Error(`the answer is ${response.status}`);
  }
  const hash = createHash('sha256');
  const file = await open(destination, 'w', 0o600);
  try {
    let size = 0;
    for await (const chunk of response.body) {
      size += chunk.length;
      if (size > limit) throw new Error(`it is larger than ${limit / 1024 / 1024} MiB`);
      hash.update(chunk);
      await file.writeFile(chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

function failure(url: string, why: string, cause?: unknown): LaunchError {
  return new LaunchError(
    'API_ERROR',
    `cloudflared could not be had from ${shown(url)}: ${printable(why, 300)}.`,
    {
      remedy:
        'Nothing of it was installed. Run it again; where GitHub is out of reach, set CLOUDFLARED_DOWNLOAD_BASE_URL to a mirror of its releases.',
      cause,
    },
  );
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error) return cause.message || ('code' in cause ? String(cause.code) : cause.name);
  return error instanceof Error ? error.message : String(error);
}

function shown(url: string): string {
  return printable(url.replace(/\/\/[^/@]*@/, '//***@'), 200);
}
