import { openHistory } from '../adapters/git/history.ts';
import type { Detection } from '../core/changes/detection.ts';
import { isWorkerName } from '../core/cloudflare/worker-name.ts';
import { LaunchError } from '../core/errors.ts';
import { commonClaim, type PlaceClaims } from '../core/place-claims.ts';
import { loadProject, type Project } from '../core/project/project.ts';
import { loadService, type Placement, type Service } from '../core/project/service.ts';
import {
  findRemovals,
  type Removal,
  type RemovedWorker,
  type Standing,
  type UnreadableRemoval,
} from '../core/removal.ts';
import { labelsOf } from '../core/routing/runner-match.ts';
import { findTarget, type Target } from '../core/targets/target.ts';
import type { DetectOptions } from './detect-changes.ts';
import { locateProject } from './locate-project.ts';
import { readPlaceClaims } from './read-place-claims.ts';
import type { Reporter } from './reporter.ts';

export interface PlannedRemovals {
  /** By service, then target. */
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
    const now = await readPlaces(newer, relocated);
    const lost = new Set(now.unreadable.map(({ service }) => service));
    const asked = gone.filter((name) => !lost.has(name));
    const before: Places[] = [];
    // The newest first: what it says is what was deployed last.
    const [first, ...later] = bases;
    for (const commit of [...later, first ?? head]) {
      before.push(await readPlaces(await loadProject(history.view(commit), location), asked));
    }
    const places = before.flatMap((it) => it.places);
    const removals = findRemovals({ before: places, now: now.places, targets: declaredTargets(newer) });
    // What comes into the place of something has changed itself.
    const arriving = removals.length === 0 ? [] : (await readPlaces(newer, detection.services)).places;
    const placed = await Promise.all(removals.map(async (it) => await settle(it, places, arriving)));
    const unreadable = [now, ...before].flatMap((it) => it.unreadable);
    return tell(reporter, {
      removals: placed.flatMap((it) => (it === undefined || 'why' in it ? [] : [it])),
      unreadable: distinct([
        ...unreadable,
        ...placed.flatMap((it) => (it !== undefined && 'why' in it ? [it] : [])),
      ]),
    });
  } finally {
    await history.close();
  }
}

/** A service on a target, with all there is to know of it in one state of the project. */
interface Place extends Standing {
  readonly project: Project;
  readonly it: Service;
  readonly placement: Placement;
  /** Read once, when it is asked for. */
  claims(): Promise<PlaceClaims | undefined>;
}

interface Places {
  readonly places: readonly Place[];
  readonly unreadable: readonly UnreadableRemoval[];
}

/** Where a project has these services, as far as it has them. */
async function readPlaces(project: Project, names: readonly string[]): Promise<Places> {
  const asked = new Set(names);
  const folders = project.folders.filter(({ name }) => asked.has(name));
  const read = await Promise.all(
    folders.map(async (folder): Promise<Places> => {
      try {
        const it = await loadService(project, folder, { withoutUrl: true });
        const onDelete = it.settings['on-delete'];
        const places = it.placements.map((placement) => {
          const { target, driver } = placement;
          let reading: Promise<PlaceClaims | undefined> | undefined;
          const claims = () => {
            reading ??= readPlaceClaims(project, it, placement);
            return reading;
          };
          return { service: folder.name, target, driver, onDelete, project, it, placement, claims };
        });
        return { places, unreadable: [] };
      } catch (error) {
        return { places: [], unreadable: [unreadableBecause(folder.name, error)] };
      }
    }),
  );
  return { places: read.flatMap((it) => it.places), unreadable: read.flatMap((it) => it.unreadable) };
}

/** What more there is to know before something goes; undefined where it lives on as another service's. */
async function settle(
  removal: Removal,
  before: readonly Place[],
  arriving: readonly Place[],
): Promise<Removal | UnreadableRemoval | undefined> {
  const was = before.find(
    ({ service, target, driver }) =>
      service === removal.service && target.name === removal.target.name && driver === removal.driver,
  );
  if (was === undefined) return removal;
  try {
    if (removal.driver === 'worker') return await settleWorker(removal, was, arriving);
    const beside = arriving.filter((it) => it.driver !== 'worker' && isSamePlace(it.target, removal.target));
    const isNew = ({ service, target }: Place) =>
      !before.some((it) => it.service === service && it.target.name === target.name);
    const moved = beside.find((it) => it.service === removal.service && isNew(it));
    // What runs there under the new name may be what would go.
    if (moved !== undefined) return { ...removal, onDelete: 'report', movedTo: moved.target.name };
    const claims = await was.claims();
    if (claims === undefined) return removal;
    for (const other of beside) {
      const theirs = await other.claims();
      const what = theirs === undefined ? undefined : commonClaim(claims, theirs);
      if (what !== undefined) return { ...removal, wave: 0, placeTakenBy: { service: other.service, what } };
    }
    return removal;
  } catch (error) {
    return unreadableBecause(removal.service, error);
  }
}

/** One machine, as far as the labels tell. */
function isSamePlace(one: Target, other: Target): boolean {
  const runners = ({ runsOn }: Target) => {
    const group = typeof runsOn === 'object' && !Array.isArray(runsOn) ? runsOn.group : undefined;
    const labels = labelsOf(runsOn).map((it) => it.toLowerCase());
    return JSON.stringify([group, labels.sort()]);
  };
  return one.name === other.name || runners(one) === runners(other);
}

async function settleWorker(
  removal: Removal,
  was: Place,
  arriving: readonly Place[],
): Promise<Removal | UnreadableRemoval | undefined> {
  const worker = await workerAt(was);
  if (worker === undefined || !isWorkerName(worker.name)) {
    return {
      service: removal.service,
      why: 'Its wrangler configuration names no worker, or none that can be.',
    };
  }
  for (const other of arriving.filter(({ driver }) => driver === 'worker')) {
    if ((await workerAt(other).catch(() => undefined))?.name === worker.name) return undefined;
  }
  return { ...removal, worker };
}

async function workerAt({ project, it, placement }: Place): Promise<RemovedWorker | undefined> {
  const { contentPath, shape } = it.folder;
  const [{ joinPath, readText }, { parseWranglerConfig }, { environmentsOf, workerOf }] = await Promise.all([
    import('../core/project/view.ts'),
    import('../core/cloudflare/wrangler-config.ts'),
    import('../core/cloudflare/worker-of.ts'),
  ]);
  const path = joinPath(contentPath, shape.wrangler ?? 'wrangler.jsonc');
  const text = await readText(project.view, path);
  if (text === undefined) return undefined;
  const config = parseWranglerConfig(text, path);
  const { name, accountId } = workerOf(config, undefined, environmentsOf(placement.target));
  return name === undefined ? undefined : { name, accountId };
}

function declaredTargets({ config, configPath }: Project): ReadonlyMap<string, Target> {
  const names = Object.keys(config.targets);
  return new Map(names.map((name) => [name, findTarget(config, name, { file: configPath })]));
}

function unreadableBecause(service: string, error: unknown): UnreadableRemoval {
  if (!(error instanceof LaunchError)) throw error;
  return { service, why: error.summary };
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
