import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { freeSpace, isWritable } from '../adapters/host/disk.ts';
import { hostPart } from '../core/deploy/child-env.ts';
import { leastForState } from '../core/deploy/space.ts';
import { layout } from '../core/deploy/state-layout.ts';
import {
  atLeast,
  type Finding,
  failed,
  judgeFreeSpace,
  judgeLocks,
  ok,
  versionIn,
} from '../core/diagnosis.ts';
import { sopsFileName } from '../core/secrets/sops-file.ts';
import { diagnoseEdge } from './diagnose-edge.ts';
import { diagnoseClock, diagnoseCompose, diagnoseEngine } from './diagnose-engine.ts';
import { diagnoseOrphans } from './diagnose-orphans.ts';
import { diagnosePrograms } from './diagnose-programs.ts';
import { diagnoseRepository } from './diagnose-repository.ts';
import { diagnoseServices } from './diagnose-services.ts';
import { type HostedNow, hostedServices } from './hosted-services.ts';

export interface DiagnoseOptions {
  /** Where the repository is looked for; outside of one, only the machine is looked at. */
  readonly cwd: string;
  readonly stateRoot: string;
  readonly env: NodeJS.ProcessEnv;
  /** The version of Node that runs this, such as `v24.1.0`. */
  readonly nodeVersion: string;
  /** Of GitHub; its answer tells the time. */
  readonly apiUrl: string;
}

/**
 * Looks at everything that a deployment needs from this machine and its repository, and at what earlier ones have
 * left on it. Changes nothing.
 */
export async function diagnoseHost(options: DiagnoseOptions): Promise<readonly Finding[]> {
  const { stateRoot, env } = options;
  const { repository, needsDocker, needsSops, ...checkout } = await diagnoseRepository(options.cwd);
  const hosted = await hostedServices(stateRoot, env);
  const isNeeded = needsDocker || hosted.some(({ current }) => current?.driver === 'compose');
  const engine = await diagnoseEngine(hostPart(env), isNeeded);
  try {
    const found = await Promise.all([
      checkout.findings,
      [judgeNode(options.nodeVersion)],
      diagnosePrograms(env, needsSops || hosted.some(hasSopsFile)),
      engine.findings,
      diagnoseCompose(env, isNeeded).then((it) => [it]),
      diagnoseState(stateRoot),
      diagnoseClock(options.apiUrl, engine.clock).then((it) => [it]),
      judgeLocks(hosted.map(({ lock }) => lock)),
      engine.api === undefined ? [] : diagnoseOrphans(engine.api, hosted, stateRoot),
      diagnoseEdge(stateRoot, hostPart(env)),
      diagnoseServices({ stateRoot, hostEnv: env, hosted, repository }),
    ]);
    return found.flat();
  } finally {
    engine.api?.close();
  }
}

/** A rollback to it, or its recovery, may have to open it. */
function hasSopsFile({ folder, current }: HostedNow): boolean {
  if (current === undefined) return false;
  const snapshot = join(folder, layout.releases, current.id, layout.snapshot);
  return existsSync(join(snapshot, current.folder, sopsFileName));
}

function judgeNode(text: string): Finding {
  const version = versionIn(text);
  return version !== undefined && atLeast(version, [24])
    ? ok('node', text)
    : failed('node', text, 'Use Node 24 or later.');
}

async function diagnoseState(root: string): Promise<Finding[]> {
  const free = await freeSpace(root);
  const folder = (await isWritable(root))
    ? ok('state folder', root)
    : failed(
        'state folder',
        `${root} is not writable`,
        'Give this user the folder, or name another with --state-dir.',
      );
  return [folder, judgeFreeSpace({ of: 'state', path: root, free }, leastForState)];
}
