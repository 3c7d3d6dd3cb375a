import type { RunsOn } from '../config/launch-file.ts';
import type { Plan } from '../plan.ts';

/** A matrix with a job for each target that gets workers, whatever their waves. */
export interface WorkersMatrix {
  readonly include: readonly WorkersEntry[];
}

/** The workers of one target: they are tested together, and taken back together. */
export interface WorkersEntry {
  readonly target: string;
  /** Empty when the target has none; GitHub takes an empty name for no environment. */
  readonly environment: string;
  readonly 'runs-on': RunsOn;
  /** In the order in which they are deployed. */
  readonly services: readonly string[];
}

export function workersOf(plan: Plan): WorkersMatrix {
  const workers = plan.entries.filter((entry) => entry.driver === 'worker');
  const byTarget = Map.groupBy(workers, (entry) => entry.target.name);
  return {
    include: [...byTarget.values()].flatMap((entries) => {
      const [first] = entries;
      if (first === undefined) return [];
      const { name, environment = '', runsOn } = first.target;
      const services = entries.map((entry) => entry.service);
      return [{ target: name, environment, 'runs-on': runsOn, services }];
    }),
  };
}
