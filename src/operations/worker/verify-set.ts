import type { VersionShare } from '../../core/cloudflare/live-state.ts';
import {
  failedMembers,
  membersToTakeBack,
  type SetMember,
  standingOf,
  undoneMembers,
  urlsOf,
} from '../../core/cloudflare/set-standing.ts';
import type { TakenBack, VerifyResult } from '../../core/cloudflare/verify-result.ts';
import type { WorkerNote } from '../../core/cloudflare/worker-note.ts';
import { LaunchError } from '../../core/errors.ts';
import type { Reporter } from '../reporter.ts';

export interface VerifySetRequest {
  readonly target: string;
  /** All workers that the run planned for the target, in the order in which they are deployed. */
  readonly services: readonly string[];
  readonly notes: ReadonlyMap<string, WorkerNote>;
  /** Takes all back also when one of them could not be deployed. */
  readonly atomic: boolean;
  /** Where the target's other workers answer, which the tests may need: service → URL. */
  readonly others: Readonly<Record<string, string>>;
  /** Which versions of a worker have the traffic now. */
  readonly liveShares: (service: string) => Promise<readonly VersionShare[]>;
  /** Tests what is live; undefined where there are no tests. */
  readonly test: ((urls: Readonly<Record<string, string>>) => Promise<TestOutcome>) | undefined;
  /**
   * Gives all traffic to the version of before, unless somebody else has deployed meanwhile; why that can't be done, or
   * undefined.
   */
  readonly goBack: (
    service: string,
    versions: { readonly from: string; readonly to: string },
  ) => Promise<string | undefined>;
}

export type TestOutcome =
  | { readonly outcome: 'passed' }
  | { readonly outcome: 'failed'; readonly reason: string; readonly lines: readonly string[] };

/**
 * Tests the workers that a run has deployed to one target, all of them together, and takes back every one of them when
 * that fails.
 *
 * @throws LaunchError SUPERSEDED when they have been taken back already, as before a second attempt of the job
 */
export async function verifySet(request: VerifySetRequest, reporter: Reporter): Promise<VerifyResult> {
  const members = await lookAt(request);
  for (const { service, standing } of members) reporter.info(`${service}: ${standings[standing]}.`);
  assertNotUndone(members);
  const urls = { ...request.others, ...urlsOf(members) };
  const common = { target: request.target, members, urls };

  const failed = failedMembers(members).map(({ service }) => service);
  if (request.atomic && failed.length > 0) {
    const reason = `${failed.join(', ')} could not be deployed`;
    return { ...common, ...(await takeBack(request, members, reporter)), failure: { reason, lines: [] } };
  }
  const nothing = { ...common, tested: false, takenBack: [], left: [], failure: undefined };
  if (members.every(({ standing }) => standing === 'not-deployed')) return nothing;
  if (request.test === undefined) return nothing;
  if (Object.keys(urls).length === 0) {
    reporter.warning(`No worker of "${request.target}" has an address, so none was tested live.`);
    return nothing;
  }

  const outcome = await request.test(urls);
  if (outcome.outcome === 'passed') return { ...nothing, tested: true };
  const { reason, lines } = outcome;
  return {
    ...common,
    ...(await takeBack(request, members, reporter)),
    tested: true,
    failure: { reason, lines },
  };
}

const standings: Readonly<Record<SetMember['standing'], string>> = {
  serving: 'the version of this run serves',
  unchanged: 'this run left it as it was',
  'taken-back': 'the version before serves',
  replaced: 'another deployment has replaced it since, so it is not touched',
  'not-deployed': 'this run deployed no version of it',
};

async function lookAt(request: VerifySetRequest): Promise<SetMember[]> {
  const members: SetMember[] = [];
  for (const service of request.services) {
    const note = request.notes.get(service);
    const live = note?.versionId === undefined ? [] : await request.liveShares(service);
    members.push({ service, note, standing: standingOf(note, live) });
  }
  return members;
}

/** A job that is run again finds the notes of the first attempt: to test what serves now would prove nothing of them. */
function assertNotUndone(members: readonly SetMember[]): void {
  const undone = undoneMembers(members).map(({ service }) => service);
  if (undone.length === 0) return;
  throw new LaunchError(
    'SUPERSEDED',
    `What this run deployed has been taken back already: ${undone.join(', ')}.`,
    { remedy: 'Run all jobs again, not only the failed ones, to deploy and test it once more.' },
  );
}

/** One after another, the last first; one that can't be taken back does not keep the others from it. */
async function takeBack(
  request: VerifySetRequest,
  members: readonly SetMember[],
  reporter: Reporter,
): Promise<Pick<VerifyResult, 'tested' | 'takenBack' | 'left'>> {
  const takenBack: TakenBack[] = [];
  const left: { readonly service: string; readonly why: string }[] = [];
  for (const { service, note } of membersToTakeBack(members)) {
    const why = await reporter.group(`Take back ${service}`, async () => {
      const [from, to] = [note?.versionId, note?.previousVersionId];
      if (to === undefined || from === undefined) return 'it is new, so there is no version to go back to';
      const because = await reasonOf(async () => await request.goBack(service, { from, to }));
      if (because === undefined) takenBack.push({ service, from, to });
      return because;
    });
    if (why !== undefined) left.push({ service, why });
  }
  return { tested: false, takenBack, left };
}

async function reasonOf(act: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof LaunchError) return error.summary.replace(/\.$/, '');
    throw error;
  }
}
