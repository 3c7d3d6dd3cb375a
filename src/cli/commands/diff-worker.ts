import { diffNames } from '../../core/diff/name-diff.ts';
import type { ServiceDiff } from '../../core/diff/service-diff.ts';
import { LaunchError } from '../../core/errors.ts';
import { diffCommits } from '../../operations/diff/diff-commits.ts';
import { planWorker } from '../../operations/worker/plan-worker.ts';
import { readWorkerHistory } from '../../operations/worker/worker-history.ts';
import type { DiffFlags } from '../flags.ts';
import type { CommandContext } from '../run-command.ts';
import { askedBy } from './worker.ts';

/** `launch diff` of a worker: what has the traffic at Cloudflare, by the commit that its version was made of. */
export async function diffWorker(
  { cwd, reporter }: CommandContext,
  service: string,
  flags: DiffFlags,
  secrets: ReadonlyMap<string, string>,
): Promise<ServiceDiff> {
  const { located, target, ...planned } = await planWorker(
    askedBy(cwd, service, { target: flags.target, secrets }),
  );
  const { live, versions } = await readWorkerHistory({ ...planned, worker: located.name }, reporter);
  const commitOf = (version: string | undefined) =>
    versions.find(({ versionId }) => versionId === version)?.commit;
  const [from, to] = [commitOf(live), flags.to === undefined ? undefined : commitOf(flags.to)];
  if (live === undefined || from === undefined || (flags.to !== undefined && to === undefined)) {
    const which = live === undefined ? 'the version that has all of the traffic' : (flags.to ?? live);
    throw new LaunchError('BASE_UNAVAILABLE', `The commit of ${which} is not known.`, {
      remedy: 'Launch notes the commit on each version that it uploads: see `launch history`.',
    });
  }
  const found = await diffCommits({ cwd, service, target: target ?? '', from, to });
  const names = diffNames(blank(found.secrets.before), blank(found.secrets.after));
  return {
    service,
    target: target ?? '',
    from: { release: live, commit: found.from },
    to: { release: flags.to, commit: found.to },
    differs: found.reasons.length > 0,
    reasons: found.reasons,
    files: found.files,
    moreFiles: found.moreFiles,
    compose: undefined,
    uncompared: '',
    images: [],
    env: found.env,
    secrets: { ...names, rotated: undefined },
    drift: [],
  };
}

function blank(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, '']));
}
