import { deleteWorker } from '../../adapters/cloudflare/workers.ts';
import { LaunchError } from '../../core/errors.ts';
import type { InstanceResource } from '../../core/instances/instance-result.ts';
import type { Reporter } from '../reporter.ts';
import type { AccountResources } from '../worker/account-resources.ts';
import type { Removal } from './survey-instance.ts';

/**
 * Deletes workers, those first to which no other is bound: Cloudflare refuses the others, which get their turn again as
 * long as there is progress.
 *
 * @throws LaunchError the last refusal, when nothing goes on
 */
export async function deleteCopies(
  copies: readonly Removal[],
  account: AccountResources,
  done: InstanceResource[],
  reporter: Reporter,
): Promise<void> {
  let left = copies;
  while (left.length > 0) {
    const refused: { readonly copy: Removal; readonly error: LaunchError }[] = [];
    for (const copy of left) {
      try {
        await deleteWorker(account.client, copy.name, false);
        reporter.info(`Deleted the worker ${copy.name}.`);
        done.push({ kind: 'worker', name: copy.name, state: 'deleted' });
      } catch (error) {
        if (!(error instanceof LaunchError) || error.code !== 'API_ERROR') throw error;
        refused.push({ copy, error });
      }
    }
    const [first] = refused;
    if (first !== undefined && refused.length === left.length) throw first.error;
    left = refused.map(({ copy }) => copy);
  }
}
