import { existsSync } from 'node:fs';
import { findStateRoot } from '../adapters/state/find-state-root.ts';
import { LaunchError } from '../core/errors.ts';
import type { Plan } from '../core/plan.ts';
import type { FreezeQuestion } from './frozen-below.ts';

/**
 * The same plan; of what is frozen on this host it says so, and what that means for the commit. A freeze is
 * kept where the service is: of the entries for other hosts nothing is known here, and they stay as they are.
 */
export async function markFrozen(plan: Plan, question: FreezeQuestion): Promise<Plan> {
  const root = plan.entries.length === 0 ? undefined : rootHere(question);
  if (root === undefined || !existsSync(root)) return plan;
  // Loaded only where something was deployed; a plan is mostly made elsewhere.
  const { markFrozenBelow } = await import('./frozen-below.ts');
  return await markFrozenBelow(root, plan, question);
}

/** A machine without a place for state has nothing deployed; one that was named wrongly is an error. */
function rootHere({ stateDir, hostEnv }: FreezeQuestion): string | undefined {
  try {
    return findStateRoot(stateDir, hostEnv);
  } catch (error) {
    if (stateDir === undefined && error instanceof LaunchError) return undefined;
    throw error;
  }
}
