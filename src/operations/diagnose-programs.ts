import { describeOutcome, type RunResult, run, succeeded } from '../adapters/process/run.ts';
import { atLeast, type Finding, failed, ok, versionIn } from '../core/diagnosis.ts';

/** The programs on PATH that Launch runs. `needsSops`: a service has a file that sops has encrypted. */
export async function diagnosePrograms(env: NodeJS.ProcessEnv, needsSops: boolean): Promise<Finding[]> {
  const ask = async (...command: [string, ...string[]]) => await run(command, { env, timeout: 10_000 });
  return await Promise.all([
    ask('git', '--version').then(judgeGit),
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
    ...(needsSops ? [ask('sops', '--version').then(judgeSops)] : []),
  ]);
}

function judgeGit(result: RunResult): Finding {
  const version = versionIn(result.stdout);
  if (!succeeded(result) || version === undefined)
    return failed('git', describeOutcome(result), 'Install git.');
  const said = version.join('.');
  // Partial clones that can be relied on, `cat-file --batch-command` aside.
  return atLeast(version, [2, 30]) ? ok('git', said) : failed('git', said, 'Install git 2.30 or later.');
}

function judgeSops(result: RunResult): Finding {
  const version = versionIn(result.stdout);
  const said = version?.join('.') ?? describeOutcome(result);
  return succeeded(result) && version !== undefined && atLeast(version, [3, 10])
    ? ok('sops', said)
    : failed('sops', said, 'Install sops 3.10 or later: a service has a secrets.enc.env.');
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
