import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentsOf, workerOf } from '../../core/cloudflare/worker-of.ts';
import { parseWranglerConfig } from '../../core/cloudflare/wrangler-config.ts';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { joinPath } from '../../core/project/view.ts';
import { findPlacement, withCommittedProject } from '../find-placement.ts';

/**
 * Why there are no logs of a worker on this machine, and the command that shows those at Cloudflare.
 *
 * @throws LaunchError CONFIG_INVALID, SERVICE_NOT_FOUND, TARGET_UNKNOWN
 */
export async function logsOfWorker(
  cwd: string,
  asked: { readonly service: string; readonly target?: string | undefined },
): Promise<LaunchError> {
  return await withCommittedProject({ cwd }, async (committed) => {
    const { service, placement } = await findPlacement(committed, asked);
    const path = joinPath(service.folder.contentPath, service.folder.shape.wrangler ?? 'wrangler.jsonc');
    const text = readFileSync(join(committed.located.top, path), 'utf8');
    const { environment } = workerOf(
      parseWranglerConfig(text, path),
      undefined,
      environmentsOf(placement.target),
    );
    const env = environment === undefined ? '' : ` --env ${printable(environment, 80)}`;
    return new LaunchError(
      'CONFIG_INVALID',
      `"${service.name}" is a worker: it has no log on this machine.`,
      {
        remedy: `Watch it at Cloudflare, from the top of the repository: npx wrangler tail --config ${printable(path)}${env}`,
      },
    );
  });
}
