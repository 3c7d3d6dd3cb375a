import { join } from 'node:path';
import { scriptPath } from '../../core/deploy/script-path.ts';
import { manifestPath, type Service } from '../../core/project/service.ts';
import type { WorkerHooks } from './request.ts';

/**
 * The hooks that a worker's `service.yml` names.
 *
 * @param top the repository's, absolute
 * @throws LaunchError CONFIG_INVALID when one lies outside of the service
 */
export function workerHooks({ settings, folder }: Service, top: string): WorkerHooks {
  const place = { file: manifestPath(folder) };
  const scripts = Object.entries(settings.hooks).flatMap(([hook, script]) =>
    script === undefined ? [] : [[hook, join(top, scriptPath(folder.contentPath, script, place))] as const],
  );
  return Object.fromEntries(scripts);
}
