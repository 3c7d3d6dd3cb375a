import type { ServiceFolder } from '../project/discover.ts';
import type { Project } from '../project/project.ts';
import { canonical } from '../resolved-settings.ts';

/** Whether `launch.yml` could send a service elsewhere that is otherwise the same. */
export function targetsDiffer(older: Project, newer: Project): boolean {
  return routes(older) !== routes(newer);
}

function routes({ config }: Project): string {
  const drivers = Object.entries(config.targets).map(([name, target]) => [name, target.driver ?? '']);
  return canonical({ drivers: Object.fromEntries(drivers), defaults: config.defaults });
}

/** Whether the folder itself could send its service elsewhere, or get it there in another way. */
export async function mayHaveMoved(
  [older, before]: readonly [Project, ServiceFolder],
  [newer, now]: readonly [Project, ServiceFolder],
): Promise<boolean> {
  if (canonical(before.shape) !== canonical(now.shape)) return true;
  const [old, fresh] = await Promise.all([placing(older, before), placing(newer, now)]);
  return old !== fresh;
}

/** The files that name targets and a driver, by their ids. */
async function placing({ view }: Project, { contentPath, shape }: ServiceFolder): Promise<string> {
  if (shape.manifest === undefined && !shape.targetFile) return '';
  const entries = (await view.entries(contentPath)) ?? [];
  return entries
    .filter(({ name }) => name === shape.manifest || name === 'target.txt')
    .map(({ name, id }) => `${name} ${id}`)
    .join(' ');
}
