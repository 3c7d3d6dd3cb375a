import { LaunchError } from '../../core/errors.ts';
import { findPlacement, withCommittedProject } from '../find-placement.ts';

/**
 * Whether a service of the checkout goes out as a worker. False also outside of a checkout, and for a service that it
 * does not know: a host may have releases of one whose folder is gone.
 */
export async function isWorker(
  cwd: string,
  asked: { readonly service: string; readonly target?: string | undefined },
): Promise<boolean> {
  try {
    return await withCommittedProject({ cwd }, async (committed) => {
      const { placement } = await findPlacement(committed, asked);
      return placement.driver === 'worker';
    });
  } catch (error) {
    if (error instanceof LaunchError) return false;
    throw error;
  }
}
