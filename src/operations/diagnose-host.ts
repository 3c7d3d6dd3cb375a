import { workingTreeView } from '../adapters/files/working-tree.ts';
import { freeBytes, isWritable } from '../adapters/host/disk.ts';
import { describeOutcome, type RunResult, run, succeeded } from '../adapters/process/run.ts';
import { atLeast, type Finding, failed, judgeFreeSpace, ok, versionIn, warning } from '../core/diagnosis.ts';
import { LaunchError } from '../core/errors.ts';
import { loadProject } from '../core/project/project.ts';
import { findProject } from './locate-project.ts';

export interface DiagnoseOptions {
  /** Where the repository is looked for; outside of one, only the machine is looked at. */
  readonly cwd: string;
  readonly stateRoot: string;
  readonly env: NodeJS.ProcessEnv;
  /** The version of Node that runs this, such as `v24.1.0`. */
  readonly nodeVersion: string;
}

/** Looks at everything that a deployment needs from this machine and its repository. Changes nothing. */
export async function diagnoseHost(options: DiagnoseOptions): Promise<readonly Finding[]> {
  const repository = await lookAtRepository(options.cwd);
  const ask = (...command: [string, ...string[]]) => run(command, { env: options.env, timeout: 10_000 });
  return Promise.all([
    ...repository.findings,
    judgeNode(options.nodeVersion),
    ask('git', '--version').then(judgeGit),
    ask('docker', 'version', '--format', '{{.Server.Version}}').then((result) =>
      judgeEngine(result, repository.needsDocker),
    ),
    ask('docker', 'compose', 'version', '--short').then((result) =>
      judgeCompose(result, repository.needsDocker),
    ),
    ask('flock', '--version').then((result) =>
      judgePresence('flock', result, 'failed', 'Install util-linux: locks are held by flock.'),
    ),
    ask('shellcheck', '--version').then((result) =>
      judgePresence(
        'shellcheck',
        result,
        'warning',
        'Install shellcheck, so that `launch validate` need not fetch it.',
      ),
    ),
    judgeState(options.stateRoot),
    freeBytes(options.stateRoot).then((bytes) => judgeFreeSpace('disk of the state folder', bytes)),
  ]);
}

function judgeNode(text: string): Finding {
  const version = versionIn(text);
  return version !== undefined && atLeast(version, [24])
    ? ok('node', text)
    : failed('node', text, 'Use Node 24 or later.');
}

function judgeGit(result: RunResult): Finding {
  const version = versionIn(result.stdout);
  if (!succeeded(result) || version === undefined)
    return failed('git', describeOutcome(result), 'Install git.');
  const said = version.join('.');
  // Partial clones that can be relied on, `cat-file --batch-command` aside.
  return atLeast(version, [2, 30]) ? ok('git', said) : failed('git', said, 'Install git 2.30 or later.');
}

function judgeEngine(result: RunResult, needed: boolean): Finding {
  if (succeeded(result)) return ok('docker engine', result.stdout.trim());
  const said = result.stderr.split('\n')[0]?.slice(0, 200) || describeOutcome(result);
  return (needed ? failed : warning)(
    'docker engine',
    said,
    'Install and start Docker, and put this user into the group docker. Services with the driver `script` deploy without it.',
  );
}

function judgeCompose(result: RunResult, needed: boolean): Finding {
  const version = versionIn(result.stdout);
  if (succeeded(result) && version !== undefined && atLeast(version, [2])) {
    return ok('docker compose', version.join('.'));
  }
  const remedy = 'Install the compose plugin, version 2 or later.';
  return (needed ? failed : warning)('docker compose', describeOutcome(result), remedy);
}

function judgePresence(
  subject: string,
  result: RunResult,
  otherwise: 'failed' | 'warning',
  remedy: string,
): Finding {
  if (succeeded(result)) return ok(subject, versionIn(result.stdout)?.join('.') ?? 'present');
  return { subject, state: otherwise, detail: describeOutcome(result), remedy };
}

async function judgeState(root: string): Promise<Finding> {
  return (await isWritable(root))
    ? ok('state folder', root)
    : failed(
        'state folder',
        `${root} is not writable`,
        'Give this user the folder, or name another with --state-dir.',
      );
}

interface RepositoryFindings {
  readonly findings: readonly Finding[];
  /** Whether a service of the repository is deployed by compose. */
  readonly needsDocker: boolean;
}

async function lookAtRepository(cwd: string): Promise<RepositoryFindings> {
  const location = findProject(cwd);
  if (location === undefined) return { findings: [], needsDocker: false };
  try {
    const { folders } = await loadProject(workingTreeView(location.top), location);
    const said = `${folders.length} ${folders.length === 1 ? 'service' : 'services'}`;
    const needsDocker = folders.some(({ shape }) => shape.compose !== undefined);
    return { findings: [ok('repository', said)], needsDocker };
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error;
    return { findings: [failed('repository', error.summary, error.remedy)], needsDocker: false };
  }
}
