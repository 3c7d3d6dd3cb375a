import pLimit from 'p-limit';
import type { EngineApi } from '../../adapters/engine/api.ts';
import { containersOf, type InspectedContainer } from '../../adapters/engine/containers.ts';
import { LaunchError } from '../../core/errors.ts';
import { inspectProject } from '../deploy/compose/project-containers.ts';

/** The compose projects of a host. */
export interface ProjectsHere {
  /** @throws LaunchError ENGINE_UNAVAILABLE */
  containersOf(project: string): Promise<readonly InspectedContainer[]>;
}

const projectLabel = 'com.docker.compose.project';

/** The engine looks at them one after the other, however many ask. */
const atOnce = 16;

/**
 * The projects of an engine, undefined where it can't be asked. `many`: that all of them will be asked for; the engine
 * goes through all its containers for each list, so they are listed once.
 */
export function projectsHere(engine: EngineApi | undefined, many: boolean): ProjectsHere {
  if (engine === undefined) {
    return {
      containersOf: async () => {
        throw new LaunchError('ENGINE_UNAVAILABLE', 'the Docker Engine can not be asked', {
          remedy: 'Start it, or let this user use it.',
        });
      },
    };
  }
  const containers = containersOf(engine);
  if (!many) return { containersOf: async (project) => await inspectProject(containers, project) };
  const limit = pLimit(atOnce);
  let listed: Promise<ReadonlyMap<string, string[]>> | undefined;
  const list = async () => {
    const byProject = new Map<string, string[]>();
    for (const { id, labels } of await containers.list([projectLabel, 'com.docker.compose.oneoff=False'])) {
      const project = labels[projectLabel] ?? '';
      const ids = byProject.get(project);
      if (ids === undefined) byProject.set(project, [id]);
      else ids.push(id);
    }
    return byProject;
  };
  return {
    async containersOf(project) {
      listed ??= list();
      const ids = (await listed).get(project) ?? [];
      const found = await Promise.all(ids.map((id) => limit(() => containers.inspect(id))));
      return found.filter((it) => it !== undefined);
    },
  };
}
