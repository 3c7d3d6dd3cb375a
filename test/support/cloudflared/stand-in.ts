// The stand-in for cloudflared: as a program that is downloaded, and as an image.
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type CloudflaredRelease, pinned } from '../../../src/core/cloudflare/tunnel/cloudflared.ts';
import { httpServer } from '../local-server.ts';
import { temporaryFolder } from '../repository.ts';
import { toolPath } from '../tools.ts';

const script = resolve(import.meta.dirname, 'cloudflared.sh');

/** As the pinned one, but for the checksum. */
export function standInRelease(): CloudflaredRelease {
  const sha256 = createHash('sha256').update(readFileSync(script)).digest('hex');
  return { ...pinned, programs: { [process.arch]: { asset: 'cloudflared-linux-test', sha256 } } };
}

/** Serves it as GitHub serves a release; closed by `closeServers`. */
export async function serveRelease(content: () => Buffer = () => readFileSync(script)) {
  const asked: string[] = [];
  const { port } = await httpServer((request, response) => {
    asked.push(request.url ?? '');
    response.end(content());
  });
  return { base: `http://127.0.0.1:${port}/releases`, asked };
}

/** Each test file's own: an image that is built anew under a name makes compose replace what runs of the old one. */
export const cloudflaredImage = `launch-test/cloudflared:${process.pid}-${randomBytes(3).toString('hex')}`;

/** From scratch: a static busybox, and the stand-in where the real image has cloudflared. */
export function buildCloudflaredImage(): string {
  const root = temporaryFolder('launch-cloudflared-');
  for (const folder of ['bin', 'usr/local/bin', 'run/launch'])
    mkdirSync(join(root, folder), { recursive: true });
  copyFileSync(toolPath('busybox') ?? '/usr/bin/busybox', join(root, 'bin/busybox'));
  for (const applet of ['sh', 'env', 'cat', 'base64', 'sed', 'date'])
    symlinkSync('busybox', join(root, 'bin', applet));
  copyFileSync(script, join(root, 'usr/local/bin/cloudflared'));
  for (const program of ['bin/busybox', 'usr/local/bin/cloudflared']) chmodSync(join(root, program), 0o755);
  const archive = execFileSync('tar', ['--create', '--directory', root, '.'], { maxBuffer: 64 * 1024 ** 2 });
  const changes = ['ENV PATH=/usr/local/bin:/bin', 'LABEL launch.test=1'].flatMap((it) => ['--change', it]);
  execFileSync('docker', ['import', ...changes, '-', cloudflaredImage], { input: archive, stdio: 'pipe' });
  return cloudflaredImage;
}

/** For `afterAll`, once its containers are gone. */
export function removeCloudflaredImage(): void {
  execFileSync('docker', ['image', 'rm', '--force', cloudflaredImage], { stdio: 'ignore' });
}
