import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { git } from '../../adapters/git/command.ts';
import { quietGit } from '../../adapters/snapshot/git.ts';
import { type Credentials, chooseCredentials } from '../../core/cloudflare/credentials.ts';
import { environmentsOf, workerOf } from '../../core/cloudflare/worker-of.ts';
import { parseWranglerConfig, type WorkerSettings } from '../../core/cloudflare/wrangler-config.ts';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { manifestPath, type Placement, type Service } from '../../core/project/service.ts';
import { wranglerNames } from '../../core/project/shape.ts';
import { findProject } from '../locate-project.ts';
import type { WorkerAsked } from './asked.ts';

/** A worker in a checkout, whatever is to be done to it. */
export interface LocatedWorker {
  /** Absolute. */
  readonly folder: string;
  readonly configPath: string;
  /** From the top of the repository, for messages. */
  readonly configLabel: string;
  readonly environment: string | undefined;
  /** Its name at Cloudflare. */
  readonly name: string;
  /** Of a copy under another name there are no routes. */
  readonly routes: WorkerSettings['routes'];
  readonly credentials: Credentials;
}

/** A service of a project, and where its files are. */
export interface WorkerService {
  readonly service: Service;
  readonly placement: Placement;
  readonly top: string;
}

/** @throws LaunchError CONFIG_INVALID, SECRET_MISSING */
export function locateServiceWorker(
  asked: WorkerAsked,
  { service, placement, top }: WorkerService,
): LocatedWorker {
  const { folder, name } = service;
  const place = { file: manifestPath(folder) };
  const { wrangler } = folder.shape;
  if (placement.driver !== 'worker' || wrangler === undefined) {
    throw new LaunchError('CONFIG_INVALID', `"${name}" is no worker: its driver is ${placement.driver}.`, {
      place,
      remedy: 'Deploy it by compose-deploy, or set `driver: worker` where it has a wrangler configuration.',
    });
  }
  const { target } = placement;
  return locate(asked, join(top, folder.contentPath), wrangler, top, {
    prefix: target.secretPrefix,
    environments: environmentsOf(target),
  });
}

/**
 * A worker that is no service, by its folder alone.
 *
 * @throws LaunchError CONFIG_INVALID, SECRET_MISSING
 */
export function locateFolderWorker(asked: WorkerAsked): LocatedWorker {
  const folder = resolve(asked.cwd, asked.folder ?? '.');
  const found = wranglerNames.find((name) => isReadable(join(folder, name)));
  if (found === undefined) {
    throw new LaunchError('CONFIG_INVALID', `There is no wrangler configuration in "${printable(folder)}".`, {
      remedy: `Name a service, or the folder that holds ${wranglerNames.join(' or ')}; and check that actions/checkout ran before.`,
    });
  }
  const top = findProject(folder)?.top ?? folder;
  return locate(asked, folder, found, top, { prefix: undefined, environments: [] });
}

/** The commit that a folder is checked out at; undefined outside of a checkout. */
export async function commitOf(folder: string): Promise<string | undefined> {
  const top = findProject(folder)?.top;
  if (top === undefined) return undefined;
  const answer = await git(quietGit(top), ['rev-parse', '--verify', 'HEAD']);
  return answer.exitCode === 0 ? answer.stdout.trim() : undefined;
}

function locate(
  asked: WorkerAsked,
  folder: string,
  file: string,
  top: string,
  target: { readonly prefix: string | undefined; readonly environments: readonly (string | undefined)[] },
): LocatedWorker {
  const configPath = join(folder, file);
  const configLabel = relative(top, configPath);
  const config = parseWranglerConfig(readFileSync(configPath, 'utf8'), configLabel);
  const settings = workerOf(config, asked.environment, target.environments);
  const { environment } = settings;
  const name = asked.name ?? settings.name;
  if (name === undefined) {
    throw new LaunchError('CONFIG_INVALID', 'The worker has no name.', {
      place: config.placeOf([]),
      remedy: 'Write `name` into its wrangler configuration.',
    });
  }
  const credentials = chooseCredentials(
    {
      apiToken: asked.apiToken,
      accountId: asked.accountId,
      secrets: asked.secrets,
      prefix: target.prefix,
      env: asked.hostEnv,
      configured: settings.accountId || undefined,
    },
    !asked.dryRun,
  );
  asked.onSecrets?.([credentials.apiToken]);
  const routes = name === settings.name ? settings.routes : [];
  return { folder, configPath, configLabel, environment, name, routes, credentials };
}

function isReadable(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}
