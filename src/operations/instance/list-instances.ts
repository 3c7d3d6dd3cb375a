import { LaunchError } from '../../core/errors.ts';
import { accountResources } from '../worker/account-resources.ts';
import { instanceFiles, readInstance } from './find-instance.ts';
import { instanceClient } from './instance-client.ts';
import { instanceHomes } from './instance-homes.ts';
import type { InstanceContext } from './request.ts';

/** One instance, as it is known from its file, from its row, or from both. */
export interface ListedInstance {
  readonly id: string;
  readonly organisation: string;
  readonly name: string;
  readonly environment: string | undefined;
  /** Whether the checkout has a file for it. */
  readonly hasFile: boolean;
  /** Whether its database has a row for it. */
  readonly hasRow: boolean;
  /** By service. */
  readonly urls: Readonly<Record<string, string>>;
  /** Why its file can't be read. */
  readonly problem?: string;
}

/** The instances of the checkout, and those of its databases that have no file any more; by id. */
export async function listInstances(request: InstanceContext): Promise<readonly ListedInstance[]> {
  const listed = new Map<string, ListedInstance>();
  const databases: (string | undefined)[] = [];
  for (const path of instanceFiles(request.cwd)) {
    const found = fromFile(request.cwd, path);
    listed.set(found.listed.id, found.listed);
    databases.push(found.database);
  }
  const account = accountResources(instanceClient(request));
  for (const { table } of await instanceHomes(request, account, databases)) {
    for (const { id, organisation, name, config } of await table.readAll()) {
      const known = listed.get(id);
      const row = { id, organisation, name, environment: config.environment };
      listed.set(id, { hasFile: false, ...row, ...known, hasRow: true, urls: config.worker_urls });
    }
  }
  return [...listed.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function fromFile(
  cwd: string,
  path: string,
): { readonly listed: ListedInstance; readonly database?: string | undefined } {
  try {
    const { id, organisation, name, environment, database } = readInstance(cwd, path);
    return {
      database,
      listed: { id, organisation, name, environment, hasFile: true, hasRow: false, urls: {} },
    };
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error;
    const id = path.replace(/^.*\/|\.json$/g, '');
    const unknown = { organisation: '', name: '', environment: undefined, hasRow: false, urls: {} };
    return { listed: { id, ...unknown, hasFile: true, problem: error.message } };
  }
}
