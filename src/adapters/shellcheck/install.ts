import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isProgram } from './find.ts';

/** Pinned: the newest one would judge the same script differently from one day to the next. */
const release = 'v0.11.0';

const downloadTimeoutMs = 60_000;

/** Puts the program of a release at `destination`. */
export type Download = (release: string, destination: string) => Promise<void>;

/**
 * ShellCheck out of the tool cache; the first time, the `shellcheck` package brings it there. The file appears
 * whole or not at all, so that two runs at once do not disturb each other.
 */
export async function installShellcheck(toolCache: string, download: Download = byPackage): Promise<string> {
  const folder = join(toolCache, 'launch-shellcheck', release.slice(1), process.arch);
  const file = join(folder, 'shellcheck');
  if (isProgram(file)) return file;
  await mkdir(folder, { recursive: true });
  const partial = join(folder, `.shellcheck-${process.pid}`);
  try {
    await withinTime(download(release, partial));
    await rename(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
  return file;
}

/** A network that swallows packets must not hold the job up until that times out itself. */
async function withinTime(fetching: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`it took more than ${downloadTimeoutMs / 1000} s`)),
      downloadTimeoutMs,
    );
  });
  try {
    await Promise.race([fetching, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Without a token: the package would hand it on to the server that it is redirected to. */
async function byPackage(version: string, destination: string): Promise<void> {
  const { buildURL, download } = await import('shellcheck');
  const url = await buildURL({ release: version as `v${number}.${number}.${number}` });
  await download({ url, destination });
}
