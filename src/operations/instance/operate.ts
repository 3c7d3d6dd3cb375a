import { chooseCredentials } from '../../core/cloudflare/credentials.ts';
import type { InstanceOperation, InstanceResult } from '../../core/instances/instance-result.ts';
import type { Reporter } from '../reporter.ts';
import { deployWorker } from '../worker/deploy-worker.ts';
import type { CloudflareAccount } from '../worker/request.ts';
import { deployInstance } from './deploy-instance.ts';
import { destroyInstance } from './destroy-instance.ts';
import { readInstance, referToInstance } from './find-instance.ts';
import { instanceStatus } from './instance-status.ts';

/** What is asked of an instance, in a job or at a terminal. */
export interface InstanceAsked {
  /** A folder of the checkout. */
  readonly cwd: string;
  /** Its file, or its id. */
  readonly instance: string;
  /** As the inputs give them; else they are among the secrets, or in `hostEnv`. */
  readonly apiToken: string | undefined;
  readonly accountId: string | undefined;
  /** Parsed already, and masked by the caller; a worker gets those that it declares. */
  readonly secrets: ReadonlyMap<string, string>;
  /** The id, typed again; for destroying. */
  readonly confirm: string | undefined;
  /** Destroys data, too. */
  readonly purge: boolean;
  readonly dryRun: boolean;
  /** For each worker, in milliseconds. */
  readonly timeoutMs: number;
  readonly by?: string | undefined;
  readonly hostEnv: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  /** Told of the token where it comes in otherwise, before it is used. */
  readonly onSecrets?: ((values: Iterable<string>) => void) | undefined;
}

/** @throws LaunchError when nothing was changed; what failed afterwards is in the result */
export async function operateInstance(
  operation: InstanceOperation,
  asked: InstanceAsked,
  reporter: Reporter,
): Promise<InstanceResult> {
  const { cwd, timeoutMs, hostEnv, signal, dryRun } = asked;
  const account = accountOf(asked);
  const context = { cwd, account, timeoutMs, hostEnv, signal };
  switch (operation) {
    case 'deploy': {
      const { secrets, by } = asked;
      const instance = readInstance(cwd, asked.instance);
      return await deployInstance({ ...context, instance, secrets, by, dryRun }, reporter, deployWorker);
    }
    case 'destroy': {
      const { confirm, purge } = asked;
      const meant = referToInstance(cwd, asked.instance);
      return await destroyInstance({ ...context, ...meant, confirm, purge, dryRun }, reporter);
    }
    case 'status':
      return await instanceStatus({ ...context, instance: readInstance(cwd, asked.instance) });
  }
}

/** @throws LaunchError SECRET_MISSING, CONFIG_INVALID */
export function accountOf(
  asked: Pick<InstanceAsked, 'apiToken' | 'accountId' | 'secrets' | 'hostEnv' | 'onSecrets'>,
): CloudflareAccount {
  const { apiToken, accountId, secrets, hostEnv: env } = asked;
  const credentials = chooseCredentials(
    { apiToken, accountId, secrets, prefix: undefined, env, configured: undefined },
    true,
  );
  asked.onSecrets?.([credentials.apiToken]);
  return credentials;
}
