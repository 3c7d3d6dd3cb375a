import { access, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { npmFailure } from '../../core/cloudflare/npm-failure.ts';
import { hostPart } from '../../core/deploy/child-env.ts';
import { atLeast, versionIn } from '../../core/diagnosis.ts';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { assertNotCancelled, describeOutcome, run, succeeded } from '../process/run.ts';

/** A wrangler that is there to be run. */
export interface Wrangler {
  /** Its JavaScript file, absolute. */
  readonly program: string;
  readonly version: string;
  /** `project`: the worker's own, of its node_modules. `pinned`: Launch's. */
  readonly from: 'project' | 'pinned';
}

export interface WranglerSought {
  /** The worker's folder, absolute; looked for is there and in the folders above, as Node does it. */
  readonly folder: string;
  readonly hostEnv: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

/** What wrangler is installed where a project has none; tried with everything that Launch does with it. */
export const pinnedWrangler = '4.164.0';

/** The first that takes secrets together with the code (`--secrets-file`). */
const oldest = [4, 74, 0] as const;

const installTimeoutMs = 180_000;

/**
 * The project's own wrangler, or else the pinned one out of the tool cache, where npm puts it the first time.
 *
 * @throws LaunchError CONFIG_INVALID for one that is too old, ENGINE_UNAVAILABLE when it can't be installed, CANCELLED
 */
export async function findWrangler(sought: WranglerSought): Promise<Wrangler> {
  for (let folder = sought.folder; ; folder = dirname(folder)) {
    const found = await wranglerIn(join(folder, 'node_modules'));
    if (found !== undefined) return assertNotTooOld({ ...found, from: 'project' }, folder);
    if (folder === dirname(folder)) break;
  }
  return { ...(await installPinned(sought)), from: 'pinned' };
}

async function wranglerIn(modules: string): Promise<Omit<Wrangler, 'from'> | undefined> {
  const folder = join(modules, 'wrangler');
  try {
    const { version, bin }: { version?: unknown; bin?: unknown } = JSON.parse(
      await readFile(join(folder, 'package.json'), 'utf8'),
    );
    const named =
      typeof bin === 'object' && bin !== null && 'wrangler' in bin ? bin.wrangler : './bin/wrangler.js';
    if (typeof version !== 'string' || typeof named !== 'string') return undefined;
    // What the named program starts as a second process, having looked at the version of Node.
    const main = join(folder, 'wrangler-dist/cli.js');
    const program = await access(main).then(
      () => main,
      () => join(folder, named),
    );
    return { program, version };
  } catch {
    return undefined;
  }
}

function assertNotTooOld(wrangler: Wrangler, folder: string): Wrangler {
  if (atLeast(versionIn(wrangler.version) ?? [0], oldest)) return wrangler;
  throw new LaunchError(
    'CONFIG_INVALID',
    `The project's own wrangler is ${printable(wrangler.version, 40)} (in ${printable(folder)}/node_modules), which can't upload secrets together with the code.`,
    {
      remedy: `Update it to ${oldest.join('.')} or later (\`npm install --save-dev wrangler@${pinnedWrangler}\`), or remove it and Launch brings its own.`,
    },
  );
}

/** It appears whole or not at all, so that two runs at once do not disturb each other. */
async function installPinned({ hostEnv, signal }: WranglerSought): Promise<Omit<Wrangler, 'from'>> {
  const place = join(toolCache(hostEnv), 'launch-wrangler', pinnedWrangler);
  const modules = join(place, 'node_modules');
  const known = await wranglerIn(modules);
  if (known !== undefined) return known;
  await mkdir(dirname(place), { recursive: true });
  // Also apart from what this very process installs meanwhile, for another worker.
  const partial = await mkdtemp(`${place}.`);
  try {
    const result = assertNotCancelled(
      await run(
        [
          'npm',
          'install',
          '--prefix',
          partial,
          '--no-save',
          '--no-audit',
          '--no-fund',
          '--ignore-scripts',
          `wrangler@${pinnedWrangler}`,
        ],
        {
          cwd: partial,
          env: { ...hostPart(hostEnv), ...npmPart(hostEnv) },
          timeout: installTimeoutMs,
          wholeGroup: true,
          ...(signal === undefined ? {} : { signal }),
        },
      ),
    );
    if (!succeeded(result)) {
      const said = printable(npmFailure(result.stderr), 300);
      throw notInstalled(`npm: ${describeOutcome(result)}${said === '' ? '' : `: ${said}`}`);
    }
    // Another run may have been quicker.
    await rename(partial, place).catch(async (error: unknown) => {
      if ((await wranglerIn(modules)) === undefined) throw error;
    });
    const installed = await wranglerIn(modules);
    if (installed !== undefined) return installed;
    throw notInstalled('npm has put nothing there');
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

function notInstalled(why: string): LaunchError {
  return new LaunchError('ENGINE_UNAVAILABLE', `Wrangler ${pinnedWrangler} could not be installed: ${why}.`, {
    remedy:
      'Add wrangler to the devDependencies of the project and run `npm ci` before, or let this machine reach the npm registry.',
  });
}

/** On a runner what is there stays for the next job. */
export function toolCache(env: NodeJS.ProcessEnv): string {
  return (
    env['RUNNER_TOOL_CACHE'] || join(env['XDG_CACHE_HOME'] || join(env['HOME'] ?? '/tmp', '.cache'), 'launch')
  );
}

/** Which registry, and by which certificates. */
function npmPart(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = Object.keys(env).filter((name) => /^(npm_config_|NODE_EXTRA_CA_CERTS$)/i.test(name));
  return Object.fromEntries(names.map((name) => [name, env[name]]));
}
