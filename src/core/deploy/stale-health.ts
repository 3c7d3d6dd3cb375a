/** The engine keeps the results of the last five health checks of a container. */
const keptResults = 5;
const defaultRetries = 3;

/** What the engine says of the health of a container that it calls unhealthy. */
export interface EngineHealth {
  /** How many checks have failed in a row; undefined where it does not say. */
  readonly failingStreak: number | undefined;
  /** When each of its last checks ended, as the engine writes it. */
  readonly ends: readonly string[];
  /** After how many failures it calls a container unhealthy; 0 is the default. */
  readonly retries: number;
}

/**
 * Whether `unhealthy` says nothing of now. `before`: the ends of the checks that were known when the question came
 * up; undefined for a container that was started for its sake. What has failed since has to be as much as makes the
 * engine call a healthy container unhealthy. Without a failure in a row it was not checked at all: the engine 20.10
 * says unhealthy of a container that was paused.
 */
export function isHealthStale(
  { failingStreak, ends, retries }: EngineHealth,
  before: ReadonlySet<string> | undefined,
): boolean {
  if (failingStreak === 0) return true;
  if (before === undefined) return false;
  const since = ends.filter((end) => !before.has(end)).length;
  return since < Math.min(retries > 0 ? retries : defaultRetries, keptResults);
}
