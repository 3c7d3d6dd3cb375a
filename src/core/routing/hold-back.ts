import type { Dependent } from './waves.ts';

/** An entry of a wave's matrix, as far as this needs it; the rest is carried along. */
export interface WaveEntry {
  /** The only service of the entry, or empty. */
  readonly service: string;
  readonly services: readonly string[];
  readonly target: string;
  readonly [key: string]: unknown;
}

export interface Wave {
  readonly include: readonly WaveEntry[];
}

/** The jobs of the workflow run that is going on. */
export interface RunJobs {
  list(): Promise<ListedJobs>;
}

/** Jobs by their names. */
export interface ListedJobs {
  /** Those that ended without success. */
  readonly failed: readonly string[];
  /** Those that have not ended yet. */
  readonly unfinished: readonly string[];
}

/**
 * How `deploy.yml` names a deploy job; called workflows get the calling job's name in front. An entry that
 * holds more than one service has no name to give.
 */
const deployJob = /(?:^| \/ )Deploy (several services|[a-z0-9-]+) to ([a-z0-9-]+)$/;

/**
 * The services whose deploy job is among `jobs`. Of a job with several services it is unknown which of them is
 * meant, so all of them count.
 */
export function servicesOfJobs(waves: readonly Wave[], jobs: readonly string[]): Set<string> {
  const entries = waves.flatMap((wave) => wave.include);
  const found = jobs.flatMap((job) => {
    const [, service, target] = deployJob.exec(job) ?? [];
    return entries.filter(
      (entry) => entry.target === target && (entry.service || 'several services') === service,
    );
  });
  return new Set(found.flatMap((entry) => entry.services));
}

/**
 * What depends on a failed service, also through services that are not deployed now; each with the failed
 * service it waits for.
 */
export function dependantsOf(all: readonly Dependent[], failed: ReadonlySet<string>): Map<string, string> {
  const held = new Map<string, string>();
  const queue = [...failed].map((name) => ({ name, because: name }));
  for (const { name, because } of queue) {
    for (const service of all) {
      if (!service.dependsOn.includes(name) || held.has(service.name) || failed.has(service.name)) continue;
      held.set(service.name, because);
      queue.push({ name: service.name, because });
    }
  }
  return held;
}

/** The waves without these services. A wave keeps its place, because a job is bound to its number. */
export function withoutServices(waves: readonly Wave[], gone: ReadonlySet<string>): Wave[] {
  return waves.map(({ include }) => ({
    include: include.flatMap((entry) => {
      const services = entry.services.filter((name) => !gone.has(name));
      if (services.length === entry.services.length) return [entry];
      const [first, ...others] = services;
      return first === undefined ? [] : [{ ...entry, service: others.length === 0 ? first : '', services }];
    }),
  }));
}
