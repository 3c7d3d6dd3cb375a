// A registry on loopback that serves one image to whoever knows the password: the part of the registry API
// that `docker login` and `docker pull` use.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { docker } from './deploy-host.ts';
import { temporaryFolder } from './repository.ts';

export interface Registry {
  /** 127.0.0.1:port, which Docker trusts without TLS. */
  readonly host: string;
  readonly username: string;
  readonly password: string;
  /** Paths that were asked for with the right password. */
  readonly served: string[];
  /** From now on blobs are begun and never ended. */
  hang(): void;
  close(): void;
}

interface Content {
  readonly type: string;
  readonly body: Buffer;
}

/** `image` is a local one; it is served under any name. */
export async function startRegistry(image: string): Promise<Registry> {
  const contents = readImage(image);
  const username = 'bot';
  const password = 'registry-canary-password';
  const wanted = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const served: string[] = [];
  let hangs = false;
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    if (request.headers.authorization !== wanted) {
      response.writeHead(401, {
        'WWW-Authenticate': 'Basic realm="stand-in"',
        'Docker-Distribution-Api-Version': 'registry/2.0',
        'Content-Type': 'application/json',
      });
      response.end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}');
      return;
    }
    served.push(path);
    const [, kind = '', reference = ''] = /^\/v2\/.+\/(manifests|blobs)\/(.+)$/.exec(path) ?? [];
    const isTag = kind === 'manifests' && !reference.startsWith('sha256:');
    const content = contents.get(isTag ? 'manifest' : reference);
    if (path === '/v2/') {
      response.writeHead(200, { 'Docker-Distribution-Api-Version': 'registry/2.0' }).end('{}');
      return;
    }
    if (content === undefined) {
      response.writeHead(404).end('{"errors":[{"code":"MANIFEST_UNKNOWN"}]}');
      return;
    }
    response.writeHead(200, {
      'Content-Type': content.type,
      'Content-Length': content.body.length,
      'Docker-Content-Digest': digestOf(content.body),
    });
    if (request.method === 'HEAD') response.end();
    else if (hangs && kind === 'blobs') response.write(content.body.subarray(0, 1));
    else response.end(content.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    host: `127.0.0.1:${address.port}`,
    username,
    password,
    served,
    hang: () => {
      hangs = true;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Manifest and blobs by their digests. */
function readImage(image: string): ReadonlyMap<string, Content> {
  const folder = join(temporaryFolder('launch-registry-'), 'image');
  mkdirSync(folder);
  docker('save', '--output', `${folder}.tar`, image);
  execFileSync('tar', ['-xf', `${folder}.tar`, '-C', folder]);
  const [saved] = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  const contents = new Map<string, Content>();
  const add = (type: string, body: Buffer) => {
    contents.set(digestOf(body), { type: 'application/octet-stream', body });
    return { mediaType: type, size: body.length, digest: digestOf(body) };
  };
  const docker1 = 'application/vnd.docker';
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: `${docker1}.distribution.manifest.v2+json`,
      config: add(`${docker1}.container.image.v1+json`, readFileSync(join(folder, saved.Config))),
      layers: saved.Layers.map((layer: string) =>
        add(`${docker1}.image.rootfs.diff.tar.gzip`, gzipSync(readFileSync(join(folder, layer)))),
      ),
    }),
  );
  const content = { type: `${docker1}.distribution.manifest.v2+json`, body: manifest };
  return contents.set('manifest', content).set(digestOf(manifest), content);
}

function digestOf(body: Buffer): string {
  return `sha256:${createHash('sha256').update(body).digest('hex')}`;
}
