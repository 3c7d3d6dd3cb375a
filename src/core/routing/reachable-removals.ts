import * as z from 'zod/mini';
import { runsOn } from '../config/launch-file.ts';
import { inputPlace, LaunchError } from '../errors.ts';
import type { PlanEntry } from '../plan.ts';
import { type RunnerMatch, whyMissing } from './runner-match.ts';
import type { Unreachable } from './unreachable.ts';

const matrix = z.object({
  include: z.array(z.looseObject({ service: z.string(), target: z.string(), 'runs-on': runsOn })),
});
const matrices = z.object({ first: matrix, last: matrix });

/** Jobs that take services down, as far as this needs them; the rest is carried along. */
export type RemovalMatrices = z.infer<typeof matrices>;

const none: RemovalMatrices = { first: { include: [] }, last: { include: [] } };

/** @throws LaunchError CONFIG_INVALID when it is not what detect-changed-services gives */
export function parseRemovals(text: string | undefined): RemovalMatrices {
  if (text === undefined) return none;
  try {
    return z.parse(matrices, JSON.parse(text));
  } catch (cause) {
    throw new LaunchError('CONFIG_INVALID', 'The input `removals` holds no removals.', {
      place: inputPlace('removals'),
      remedy: 'Pass the output `removals` of detect-changed-services as it is.',
      cause,
    });
  }
}

/** The removals as if they were deployments, to ask whether their targets have a runner. */
export function asEntries({ first, last }: RemovalMatrices): PlanEntry[] {
  return [...first.include, ...last.include].map((job) => ({
    service: job.service,
    target: { name: job.target, runsOn: job['runs-on'] },
    source: 'service.yml',
    driver: 'compose',
    url: undefined,
    wave: 1,
    reasons: [],
  }));
}

/** The removals whose job would find a runner. The next push finds again what was not made. */
export function reachableRemovals(
  { first, last }: RemovalMatrices,
  checks: ReadonlyMap<string, RunnerMatch>,
): { readonly removals: RemovalMatrices; readonly unreachable: readonly Unreachable[] } {
  const why = (target: string): string | undefined => {
    const match = checks.get(target);
    return match?.kind === 'offline' || match?.kind === 'none' ? whyMissing(target, match) : undefined;
  };
  const left = ({ include }: RemovalMatrices['first']) => ({
    include: include.filter(({ target }) => why(target) === undefined),
  });
  const unreachable = [...first.include, ...last.include].flatMap(({ service, target }): Unreachable[] => {
    const reason = why(target);
    return reason === undefined ? [] : [{ service, target, reason: `It was to be taken down. ${reason}` }];
  });
  return { removals: { first: left(first), last: left(last) }, unreachable };
}
