import { workerUrls } from '../../core/cloudflare/worker-address.ts';
import type { WranglerRoute } from '../../core/cloudflare/wrangler-file.ts';
import { LaunchError } from '../../core/errors.ts';
import type { Project } from '../../core/project/project.ts';
import { loadService } from '../../core/project/service.ts';
import type { Reporter } from '../reporter.ts';
import { readAddress } from './look-before.ts';
import { readDeployments } from './read-past.ts';
import type { WorkerWork } from './worker-work.ts';

/** A worker that can be asked for at Cloudflare. */
export interface OpenedWorker {
  readonly name: string;
  readonly routes: readonly WranglerRoute[];
  readonly work: WorkerWork;
}

/** The services whose worker goes to the target. What can't be read is nobody's: another job tells of it. */
export async function workersOn(project: Project, target: string): Promise<readonly string[]> {
  const names = await Promise.all(
    project.folders
      .filter(({ shape }) => shape.wrangler !== undefined)
      .map(async (folder) => {
        try {
          const { name, settings, placements } = await loadService(project, folder);
          const here = placements.some((it) => it.target.name === target && it.driver === 'worker');
          return settings.enabled && here ? [name] : [];
        } catch (error) {
          if (error instanceof LaunchError) return [];
          throw error;
        }
      }),
  );
  return names.flat();
}

/** Service → where it answers; without those that were never deployed, or can't be asked for. */
export async function liveUrls(
  services: readonly string[],
  open: (service: string) => Promise<OpenedWorker>,
  reporter: Reporter,
): Promise<Readonly<Record<string, string>>> {
  const found = await Promise.all(
    services.map(async (service) => {
      try {
        const { name, routes, work } = await open(service);
        const [deployments, address] = await Promise.all([
          readDeployments(work.client, name),
          readAddress(work, name),
        ]);
        const [url] = (deployments ?? []).length === 0 ? [] : workerUrls(routes, address);
        return url === undefined ? [] : [[service, url] as const];
      } catch (error) {
        if (!(error instanceof LaunchError)) throw error;
        reporter.info(`${service} is left out of WORKER_URLS: ${error.summary}`);
        return [];
      }
    }),
  );
  return Object.fromEntries(found.flat());
}
