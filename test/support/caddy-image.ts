// The host's own Caddy as an image, without a registry.
import { buildProgramImage } from './program-image.ts';
import { toolPath } from './tools.ts';

export const caddyImage = 'launch-test/caddy:1';

export function buildCaddyImage(): string {
  return buildProgramImage({
    tag: caddyImage,
    programs: { '/usr/bin/caddy': toolPath('caddy') ?? '/usr/bin/caddy' },
    settings: ['ENV PATH=/usr/bin', 'ENV XDG_CONFIG_HOME=/config', 'ENV XDG_DATA_HOME=/data'],
  });
}
