import type { DriverName } from '../config/fields.ts';
import type { RunsOn } from '../config/launch-file.ts';
import { LaunchError } from '../errors.ts';
import type { Plan, PlanEntry } from '../plan.ts';

/** GitHub makes at most this many jobs of one matrix. */
export const maxMatrixEntries = 256;

/** A job's matrix: one job for each entry. */
export interface Matrix {
  readonly include: readonly MatrixEntry[];
}

export interface MatrixEntry {
  /** The only service of this job, or empty when there are several. */
  readonly service: string;
  readonly services: readonly string[];
  readonly target: string;
  readonly 'runs-on': RunsOn;
  /** Empty when the target has none; GitHub takes an empty name for no environment. */
  readonly environment: string;
  /** Empty when the job's services have different ones. */
  readonly driver: DriverName | '';
  /** Counts from 1. */
  readonly wave: number;
  /** Empty when there is none, or several services. */
  readonly url: string;
}

export type GroupBy = 'service' | 'target';

export interface Routing {
  /** All of it in one matrix. */
  readonly matrix: Matrix;
  /** The same, a matrix for each wave; as many as there are waves. */
  readonly waves: readonly Matrix[];
  /** What was decided differently from what was asked, as sentences. */
  readonly warnings: readonly string[];
}

/** @throws LaunchError CONFIG_INVALID when even a job for each target is too many. */
export function routePlan(plan: Plan, groupBy: GroupBy): Routing {
  const tooMany: string[] = [];
  const matrixOf = (entries: readonly PlanEntry[], what: string): Matrix => {
    if (groupBy === 'service' && entries.length <= maxMatrixEntries) return { include: entries.map(single) };
    if (groupBy === 'service') tooMany.push(`${what} (${entries.length})`);
    const byWave = grouped(entries, ({ wave, target }) => `${wave} ${target.name}`);
    if (byWave.length <= maxMatrixEntries) return { include: byWave };
    // Nothing orders the jobs of one matrix, so at this size it is one for each target, in the order of the waves.
    return assertFits(
      grouped(entries, ({ target }) => target.name),
      what,
    );
  };
  const matrix = matrixOf(plan.entries, 'the matrix');
  const count = Math.max(0, ...plan.entries.map((entry) => entry.wave));
  const waves = Array.from({ length: count }, (_, index) =>
    matrixOf(
      plan.entries.filter((entry) => entry.wave === index + 1),
      `wave ${index + 1}`,
    ),
  );
  if (tooMany.length === 0) return { matrix, waves, warnings: [] };
  const warning = `There would be more than ${maxMatrixEntries} jobs in ${tooMany.join(', ')}, and GitHub allows no more: there it is one job for each target, which deploys several services.`;
  return { matrix, waves, warnings: [warning] };
}

function single(entry: PlanEntry): MatrixEntry {
  return jobFor([entry.service], entry.driver, entry.url ?? '', entry);
}

/** A job for all entries of one key; by wave and target, never one for both a service and what it depends on. */
function grouped(entries: readonly PlanEntry[], key: (entry: PlanEntry) => string): MatrixEntry[] {
  const groups = Map.groupBy(entries, key);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    if (group.length === 1) return [single(first)];
    const services = group.map((entry) => entry.service);
    const driver = group.every((entry) => entry.driver === first.driver) ? first.driver : '';
    return [jobFor(services, driver, '', first)];
  });
}

function jobFor(
  services: readonly string[],
  driver: DriverName | '',
  url: string,
  { target, wave }: PlanEntry,
): MatrixEntry {
  return {
    service: services.length === 1 ? (services[0] ?? '') : '',
    services,
    target: target.name,
    'runs-on': target.runsOn,
    environment: target.environment ?? '',
    driver,
    wave,
    url,
  };
}

function assertFits(include: readonly MatrixEntry[], what: string): Matrix {
  if (include.length <= maxMatrixEntries) return { include };
  throw new LaunchError(
    'CONFIG_INVALID',
    `There are ${include.length} jobs in ${what} even with one for each target; GitHub allows ${maxMatrixEntries}.`,
    { remedy: 'Deploy fewer services at once with the `services` input, or merge targets.' },
  );
}
