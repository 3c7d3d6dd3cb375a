import type { PlaceClaims } from '../core/place-claims.ts';
import type { Project } from '../core/project/project.ts';
import type { Placement, Service } from '../core/project/service.ts';
import { joinPath, readText } from '../core/project/view.ts';

/**
 * What a service takes on its target's machine, as far as its compose file tells; undefined for what has none. A file
 * that is broken claims nothing but its project.
 */
export async function readPlaceClaims(
  { view }: Project,
  { name, folder }: Service,
  { driver, settings }: Placement,
): Promise<PlaceClaims | undefined> {
  if (driver !== 'compose' || folder.shape.compose === undefined) return undefined;
  const text = (await readText(view, joinPath(folder.contentPath, folder.shape.compose))) ?? '';
  const [{ composeProjectName }, { portsOn, publishedPorts }] = await Promise.all([
    import('../core/compose/project-name.ts'),
    import('../core/compose/published-ports.ts'),
  ]);
  const { env, ports, route } = settings;
  return {
    project: composeProjectName(text, name),
    ports: portsOn(publishedPorts(text, env), { env, ...(ports === undefined ? {} : { ports }) }),
    names: Array.from(
      text.matchAll(/^\s*container_name:\s*["']?([\w.-]+)["']?\s*(?:#.*)?$/gm),
      ([, it = '']) => it,
    ),
    route,
  };
}
