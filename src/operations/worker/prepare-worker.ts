import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { deriveConfig } from '../../core/cloudflare/derived-config.ts';
import { identityOf } from '../../core/cloudflare/identity.ts';
import { versionTag } from '../../core/cloudflare/version-note.ts';
import { isWorkerName, workerNameRule } from '../../core/cloudflare/worker-name.ts';
import {
  assertEnvironmentChosen,
  parseWranglerConfig,
  type WorkerSettings,
  type WranglerConfig,
  workerSettings,
} from '../../core/cloudflare/wrangler-config.ts';
import type { WranglerRoute } from '../../core/cloudflare/wrangler-file.ts';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import type { WorkerDeployRequest } from './request.ts';
import { type ResourceLookup, resolveBindings } from './resolve-bindings.ts';

/** A worker whose configuration was read, ready for wrangler. */
export interface PreparedWorker {
  readonly name: string;
  readonly config: WranglerConfig;
  readonly settings: WorkerSettings;
  /** For wrangler: the configuration itself, or one that was derived from it. */
  readonly configPath: string;
  /** Of a copy there are none. */
  readonly routes: readonly WranglerRoute[];
  readonly isCopy: boolean;
  /** Undefined: it is deployed whatever is live. */
  readonly identity: string | undefined;
  readonly tag: string | undefined;
  /** Removes what was derived. */
  remove(): Promise<void>;
}

/**
 * `account` says what the bindings lead to that have a name and no id; without it they stay as they are written.
 *
 * @throws LaunchError CONFIG_INVALID at the line that is wrong, or for a binding to what the account does not have
 */
export async function prepareWorker(
  request: WorkerDeployRequest,
  account: ResourceLookup | undefined,
): Promise<PreparedWorker> {
  const config = parseWranglerConfig(await readConfig(request), request.configLabel ?? request.configPath);
  assertEnvironmentChosen(config, request.environment);
  const settings = workerSettings(config, request.environment);
  const name = nameOf(request, config, settings);
  assertAccount(request, config, settings);
  const isCopy = name !== settings.name || request.bindings !== undefined;
  const { bindings: given } = request;
  const bindings =
    account === undefined ? given : await resolveBindings({ config, settings, name, given }, account);
  const { fingerprint } = request;
  const identity =
    fingerprint === undefined
      ? undefined
      : identityOf({ ...request, fingerprint, bindings }, request.account.apiToken);
  const common = {
    name,
    config,
    settings,
    isCopy,
    routes: isCopy ? [] : settings.routes,
    identity,
    tag: versionTag({ commit: request.commit, identity }),
  };
  if (!isCopy && bindings === undefined) {
    return { ...common, configPath: request.configPath, remove: async () => {} };
  }
  const folder = await mkdtemp(join(tmpdir(), 'launch-worker-'));
  const derived = deriveConfig(config.settings, {
    from: dirname(request.configPath),
    to: folder,
    environment: request.environment,
    name,
    bindings: bindings ?? {},
    isCopy,
  });
  const configPath = join(folder, 'wrangler.json');
  await writeFile(configPath, JSON.stringify(derived), { mode: 0o600 });
  return { ...common, configPath, remove: async () => await rm(folder, { recursive: true, force: true }) };
}

async function readConfig({ configPath, configLabel }: WorkerDeployRequest): Promise<string> {
  try {
    return await readFile(configPath, 'utf8');
  } catch (cause) {
    throw new LaunchError('CONFIG_INVALID', `${printable(configLabel ?? configPath)} can't be read.`, {
      remedy: 'Check the path, and that actions/checkout ran before.',
      cause,
    });
  }
}

function nameOf(request: WorkerDeployRequest, config: WranglerConfig, settings: WorkerSettings): string {
  const name = request.name ?? settings.name;
  if (name !== undefined && isWorkerName(name)) return name;
  const place = config.placeOf(request.environment === undefined ? ['name'] : ['env', request.environment]);
  throw name === undefined
    ? new LaunchError('CONFIG_INVALID', 'The worker has no name.', {
        place,
        remedy: 'Write `name` into its wrangler configuration.',
      })
    : new LaunchError('CONFIG_INVALID', `"${printable(name, 80)}" can't be the name of a worker.`, {
        ...(request.name === undefined ? { place } : {}),
        remedy: workerNameRule,
      });
}

/** Wrangler goes by the configuration, Launch by what it was given: they must not mean two accounts. */
function assertAccount(request: WorkerDeployRequest, config: WranglerConfig, settings: WorkerSettings): void {
  const { accountId } = settings;
  if (accountId === undefined || accountId === '' || accountId === request.account.accountId) return;
  throw new LaunchError(
    'CONFIG_INVALID',
    'The wrangler configuration names another account than was given.',
    {
      place: config.placeOf(['account_id']),
      remedy:
        'Remove `account_id` from the configuration, or give the same as `account-id` (CLOUDFLARE_ACCOUNT_ID).',
    },
  );
}
