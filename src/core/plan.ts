import type { DriverName } from './config/fields.ts';
import type { RunsOn } from './config/launch-file.ts';
import { describeFreeze, type Freeze, type FreezeVerdict } from './deploy/freeze.ts';
import type { Service } from './project/service.ts';
import { type Dependent, orderIntoWaves } from './routing/waves.ts';
import type { Target, TargetSource } from './targets/target.ts';

/** Which service goes where, how, why and in which wave. */
export interface Plan {
  /** One for each target of each service; by wave, then service, then target. */
  readonly entries: readonly PlanEntry[];
  /** Chosen, but `enabled: false`: validated, never deployed. */
  readonly disabled: readonly string[];
}

/** All that some need to know of a plan. */
export interface WithTargets {
  readonly entries: readonly Pick<PlanEntry, 'target'>[];
}

export interface PlanEntry {
  readonly service: string;
  readonly target: Target;
  /** Where the target was named. */
  readonly source: TargetSource;
  readonly driver: DriverName;
  readonly url: string | undefined;
  /** Counts from 1. */
  readonly wave: number;
  /** Why the service is in the plan at all; empty where nobody said. */
  readonly reasons: readonly string[];
  /** Set where it is known that the service is frozen on that target. */
  readonly frozen?: Frozen;
}

/** A freeze, and what it means for the commit that is planned. */
export interface Frozen {
  readonly freeze: Freeze;
  readonly verdict: Exclude<FreezeVerdict, 'none'>;
}

export interface PlanOptions {
  readonly all: readonly Dependent[];
  /** The chosen services that are enabled. */
  readonly enabled: readonly Service[];
  readonly disabled: readonly string[];
  readonly reasons: Readonly<Record<string, readonly string[]>>;
}

/** @throws LaunchError CONFIG_INVALID for a cycle, an unknown dependency, or too many waves. */
export function buildPlan(options: PlanOptions): Plan {
  const waves = orderIntoWaves(
    options.all,
    options.enabled.map((service) => service.name),
  );
  const waveOf = new Map(waves.flatMap((names, index) => names.map((name) => [name, index + 1] as const)));
  const entries = options.enabled.flatMap((service) =>
    service.placements.map(
      ({ target, source, driver, url }): PlanEntry => ({
        service: service.name,
        target,
        source,
        driver,
        url,
        wave: waveOf.get(service.name) ?? 1,
        reasons: Object.hasOwn(options.reasons, service.name) ? (options.reasons[service.name] ?? []) : [],
      }),
    ),
  );
  return {
    entries: entries.sort(byWaveServiceTarget),
    disabled: [...options.disabled].sort(),
  };
}

function byWaveServiceTarget(a: PlanEntry, b: PlanEntry): number {
  return a.wave - b.wave || compare(a.service, b.service) || compare(a.target.name, b.target.name);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The names of the targets that get something, sorted. */
export function targetNames(plan: WithTargets): string[] {
  return [...new Set(plan.entries.map((entry) => entry.target.name))].sort();
}

/** The services apart by who deploys them. One that is a worker on some of its targets only is left to compose-deploy. */
export function byDriver(plan: Plan): { readonly 'worker-services': string[]; readonly hosted: string[] } {
  const services = Map.groupBy(plan.entries, (entry) => entry.service);
  const isWorker = ([, entries]: [string, PlanEntry[]]) => entries.every(({ driver }) => driver === 'worker');
  const [workers, hosted] = [[...services].filter(isWorker), [...services].filter((it) => !isWorker(it))];
  const names = (list: typeof workers) => list.map(([name]) => name);
  return { 'worker-services': names(workers), hosted: [...names(hosted), ...plan.disabled] };
}

/** The plan as JSON, for the `plan` output and `launch plan --json`. */
export interface PlanJson {
  /** Service → target → how it gets there. */
  readonly services: Readonly<Record<string, Readonly<Record<string, PlanJsonEntry>>>>;
  readonly disabled: readonly string[];
}

export interface PlanJsonEntry {
  readonly driver: DriverName;
  readonly wave: number;
  readonly 'runs-on': RunsOn;
  readonly environment: string;
  readonly url: string;
  readonly why: readonly string[];
  /** Absent where the service is not frozen, and where that can't be known. */
  readonly frozen?: {
    readonly reason: string;
    readonly by: string;
    readonly at: string;
    /** `held`: nothing is done. `refused`: the deployment fails. `lifted`: it ends the freeze. */
    readonly verdict: Frozen['verdict'];
  };
}

export function planToJson(plan: Plan): PlanJson {
  // By way of entries: a service may be called "constructor".
  const services = Map.groupBy(plan.entries, (entry) => entry.service);
  return {
    services: Object.fromEntries(
      Array.from(services, ([name, entries]) => [
        name,
        Object.fromEntries(entries.map((entry) => [entry.target.name, entryToJson(entry)])),
      ]),
    ),
    disabled: plan.disabled,
  };
}

function entryToJson(entry: PlanEntry): PlanJsonEntry {
  return {
    driver: entry.driver,
    wave: entry.wave,
    'runs-on': entry.target.runsOn,
    environment: entry.target.environment ?? '',
    url: entry.url ?? '',
    why: whyOf(entry),
    ...(entry.frozen === undefined ? {} : { frozen: frozenToJson(entry.frozen) }),
  };
}

function frozenToJson({ freeze, verdict }: Frozen): NonNullable<PlanJsonEntry['frozen']> {
  return { reason: freeze.reason, by: freeze.by ?? '', at: freeze.at, verdict };
}

/** For people: who froze the service and why, and what comes of it; undefined where it is not known to be frozen. */
export function frozenNote({ frozen }: PlanEntry): string | undefined {
  return frozen === undefined
    ? undefined
    : `${describeFreeze(frozen.freeze)}; ${consequences[frozen.verdict]}`;
}

const consequences: Readonly<Record<Frozen['verdict'], string>> = {
  held: 'this commit does not touch it, so nothing is done',
  refused: 'this commit is refused until `launch unfreeze`',
  lifted: 'this commit touches it, which ends that',
};

/** Why the service is in the plan, and why it goes to this target, as short texts. */
export function whyOf(entry: PlanEntry): string[] {
  return [...entry.reasons, sources[entry.source]];
}

const sources: Readonly<Record<TargetSource, string>> = {
  input: 'target from the input',
  'service.yml': 'target from service.yml',
  'target.txt': 'target from target.txt',
  defaults: 'default target of launch.yml',
  'built-in': 'the only target there is',
};
