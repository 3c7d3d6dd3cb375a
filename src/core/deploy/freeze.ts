import * as z from 'zod/mini';
import { printable } from '../names.ts';

/** `frozen.json`: why deployments of a service to this host are held. */
export const freezeFile = z.object({
  reason: z.string(),
  at: z.string(),
  by: z.optional(z.string()),
  /** Fingerprints that are not deployed: those of the releases that were taken away. */
  held: z.array(z.string()),
  /** Also what differs from them is refused. */
  strict: z.optional(z.boolean()),
  /** The commit that touches the service and was left aside last. */
  waiting: z.optional(z.string()),
});

export type Freeze = z.infer<typeof freezeFile>;

/**
 * What a freeze means for a deployment. `held`: the commit does not touch the service, so nothing is to be done,
 * and a push of something else stays green. `refused`: somebody's change does not go out, which they must know.
 * `lifted`: it is deployed, and when it serves the freeze is over.
 */
export type FreezeVerdict = 'none' | 'held' | 'refused' | 'lifted';

export function judgeFreeze(
  freeze: Freeze | undefined,
  deployment: { readonly fingerprint: string; readonly force: boolean },
): FreezeVerdict {
  if (freeze === undefined) return 'none';
  if (deployment.force) return 'lifted';
  if (freeze.held.includes(deployment.fingerprint)) return 'held';
  return freeze.strict === true ? 'refused' : 'lifted';
}

/** A freeze over a further fingerprint. What was held before stays so: going back twice leaves two releases. */
export function frozenWith(
  freeze: Freeze | undefined,
  more: Omit<Freeze, 'held' | 'strict' | 'waiting'> & {
    readonly fingerprints: readonly string[];
    readonly strict?: boolean;
  },
): Freeze {
  const { fingerprints, strict, ...why } = more;
  const isStrict = strict ?? freeze?.strict ?? false;
  return {
    ...why,
    held: [...new Set([...(freeze?.held ?? []), ...fingerprints])],
    ...(isStrict ? { strict: true } : {}),
    ...(freeze?.waiting === undefined ? {} : { waiting: freeze.waiting }),
  };
}

/** For people: why it is frozen, by whom and since when. */
export function describeFreeze({ reason, by, at }: Freeze): string {
  return `frozen${by === undefined ? '' : ` by ${printable(by, 80)}`} since ${printable(at, 40)}: ${printable(reason, 200)}`;
}
