import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod/mini';
import { LaunchError } from '../core/errors.ts';
import type { Project } from '../core/project/project.ts';
import {
  dependantsOf,
  type RunJobs,
  servicesOfJobs,
  type Wave,
  withoutServices,
} from '../core/routing/hold-back.ts';
import { readDependencies } from './read-dependencies.ts';
import type { Reporter } from './reporter.ts';

export interface HoldBackRequest {
  readonly project: Project;
  /** The `waves` output of resolve-runner-target. */
  readonly waves: string;
  readonly jobs: RunJobs;
  readonly reporter: Reporter;
}

export interface HeldBack {
  readonly waves: readonly Wave[];
  /** Each service that is held back, with the failed service it waits for. */
  readonly held: ReadonlyMap<string, string>;
}

const attempts = 4;
/** In milliseconds. */
const pause = 1500;

const wavesShape = z.array(
  z.object({
    include: z.array(
      z.looseObject({ service: z.string(), services: z.array(z.string()), target: z.string() }),
    ),
  }),
);

/**
 * Takes out of the waves what depends on a service that failed in this run.
 *
 * @throws LaunchError when it can't be told which service failed: then nothing that follows may be deployed,
 * because everything in a later wave depends on something in an earlier one.
 */
export async function holdBackDependants(request: HoldBackRequest): Promise<HeldBack> {
  const waves = parseWaves(request.waves);
  const failed = await failedServices(waves, request.jobs);
  const planned = new Set(waves.flatMap(({ include }) => include.flatMap(({ services }) => services)));
  const folders = request.project.folders.filter(({ name }) => planned.has(name));
  const { dependents } = await readDependencies(request.project, folders);
  const held = dependantsOf(dependents, failed);
  request.reporter.info(`Failed: ${[...failed].sort().join(', ')}.`);
  for (const [service, because] of held) {
    request.reporter.info(`${service} is held back, it depends on ${because}.`);
  }
  return { waves: withoutServices(waves, new Set(held.keys())), held };
}

/**
 * GitHub's list of jobs may lag behind what made this job start: while it shows no failure, or a deploy job of
 * an earlier wave at work, it is asked again.
 */
async function failedServices(waves: readonly Wave[], jobs: RunJobs): Promise<ReadonlySet<string>> {
  for (let asked = 1; ; asked += 1) {
    const { failed, unfinished } = await jobs.list();
    const services = servicesOfJobs(waves, failed);
    if (services.size > 0 && servicesOfJobs(waves, unfinished).size === 0) return services;
    if (asked === attempts) break;
    await wait(pause);
  }
  throw new LaunchError('API_ERROR', 'A deploy job failed, but GitHub does not list which.', {
    remedy: 'Nothing that follows is deployed. Run the failed jobs again.',
  });
}

function parseWaves(text: string): readonly Wave[] {
  try {
    return z.parse(wavesShape, JSON.parse(text));
  } catch (cause) {
    throw new LaunchError('CONFIG_INVALID', 'The input `waves` is no list of waves.', {
      remedy: 'Pass the output `waves` of resolve-runner-target as it is.',
      cause,
    });
  }
}
