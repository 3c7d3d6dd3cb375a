import { defaultDatabase } from '../../core/instances/instance-resources.ts';
import { locateProject } from '../locate-project.ts';
import type { AccountResources } from '../worker/account-resources.ts';
import type { InstanceTable } from './instance-table.ts';
import { loadWorkers } from './load-workers.ts';
import { tableOf } from './plan-instance.ts';

/** A database of the account that may have rows of instances. */
export interface InstanceHome {
  readonly database: string;
  readonly table: InstanceTable;
}

/**
 * Every database in which the checkout's instances may have their rows: each environment has its own. What is not there
 * is left out.
 *
 * @param named those that files of instances name
 */
export async function instanceHomes(
  { cwd, hostEnv }: { readonly cwd: string; readonly hostEnv: NodeJS.ProcessEnv },
  account: AccountResources,
  named: readonly (string | undefined)[],
): Promise<readonly InstanceHome[]> {
  const { workers } = await loadWorkers(locateProject(cwd), 'production', hostEnv);
  const names = new Set([...named, ...workers.flatMap(({ databases }) => databases), defaultDatabase]);
  const homes: InstanceHome[] = [];
  for (const database of names) {
    const table = database === undefined ? undefined : await tableOf(database, account);
    if (database !== undefined && table !== undefined) homes.push({ database, table });
  }
  return homes;
}
