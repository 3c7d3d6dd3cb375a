import { openHistory } from '../adapters/git/history.ts';
import type { Detection } from '../core/changes/detection.ts';
import { LaunchError } from '../core/errors.ts';
import { loadProject, type Project } from '../core/project/project.ts';
import { loadService } from '../core/project/service.ts';
import { findRemovals, type Removal, type Standing, type UnreadableRemoval } from '../core/removal.ts';
import { findTarget, type Target } from '../core/targets/target.ts';
import type { DetectOptions } from './detect-changes.ts';
import { locateProject } from './locate-project.ts';
import type { Reporter } from './reporter.ts';

export interface PlannedRemovals {
  readonly removals: readonly Removal[];
  readonly unreadable: readonly UnreadableRemoval[];
}

/**
 * What the detected change takes away: services that are gone, and targets that a service no longer names. What
 * was where is read from the commits that were compared with, because the newer one no longer says. Nothing is
 * asked of git where nothing is gone.
 *
 * @throws LaunchError CONFIG_INVALID when the newer state's `launch.yml` is wrong
 */
export async function planRemovals(
  options: DetectOptions,
  detection: Detection,
  reporter: Reporter,
): Promise<PlannedRemovals> {
  const { head, bases = [], deleted, relocated = [] } = detection;
  const gone = [...new Set([...deleted, ...relocated])];
  if (head === undefined || bases.length === 0 || gone.length === 0) return { removals: [], unreadable: [] };
  const location = locateProject(options.cwd, options.config);
  const history = openHistory(location.top, options);
  try {
    const obtained = await history.obtain(bases);
    if (!obtained.ok) return tell(reporter, { removals: [], unreadable: unreadableAll(gone, obtained.why) });
    const newer = await loadProject(history.view(head), location);
    const now = await readStandings(newer, relocated);
    const unreadable = [...now.unreadable];
    const before: Standing[] = [];
    const lost = new Set(now.unreadable.map(({ service }) => service));
    const asked = gone.filter((name) => !lost.has(name));
    // The newest first: what it says is what was deployed last.
    const [first, ...later] = bases;
    for (const commit of [...later, first ?? head]) {
      const read = await readStandings(await loadProject(history.view(commit), location), asked);
      before.push(...read.standings);
      unreadable.push(...read.unreadable);
    }
    const removals = findRemovals({ before, now: now.standings, targets: declaredTargets(newer) });
    return tell(reporter, { removals, unreadable: distinct(unreadable) });
  } finally {
    await history.close();
  }
}

interface Read {
  readonly standings: readonly Standing[];
  readonly unreadable: readonly UnreadableRemoval[];
}

/** Where a project has these services, as far as it has them. */
async function readStandings(project: Project, names: readonly string[]): Promise<Read> {
  const asked = new Set(names);
  const folders = project.folders.filter(({ name }) => asked.has(name));
  const read = await Promise.all(
    folders.map(async (folder): Promise<Read> => {
      try {
        const { settings, placements } = await loadService(project, folder);
        const onDelete = settings['on-delete'];
        const standings = placements.map(({ target, driver }) => ({
          service: folder.name,
          target,
          driver,
          onDelete,
        }));
        return { standings, unreadable: [] };
      } catch (error) {
        if (!(error instanceof LaunchError)) throw error;
        return { standings: [], unreadable: [{ service: folder.name, why: error.summary }] };
      }
    }),
  );
  return {
    standings: read.flatMap(({ standings }) => standings),
    unreadable: read.flatMap(({ unreadable }) => unreadable),
  };
}

function declaredTargets({ config, configPath }: Project): ReadonlyMap<string, Target> {
  const names = Object.keys(config.targets);
  return new Map(names.map((name) => [name, findTarget(config, name, { file: configPath })]));
}

function unreadableAll(services: readonly string[], why: string): UnreadableRemoval[] {
  const text = `${why.charAt(0).toUpperCase()}${why.slice(1)}.`;
  return services.map((service) => ({ service, why: text }));
}

function distinct(unreadable: readonly UnreadableRemoval[]): UnreadableRemoval[] {
  return [...new Map(unreadable.map((it) => [it.service, it])).values()];
}

function tell(reporter: Reporter, planned: PlannedRemovals): PlannedRemovals {
  for (const { service, why } of planned.unreadable) {
    reporter.warning(`Where "${service}" was deployed is not wholly known, so some of it may stay: ${why}`);
  }
  return planned;
}
