import type { Failure } from '../deploy/result.ts';
import { LaunchError } from '../errors.ts';
import { code, codeBlock, link, plain, table } from '../markdown.ts';
import { shortId } from './live-state.ts';
import type { SetMember } from './set-standing.ts';

export interface TakenBack {
  readonly service: string;
  readonly from: string;
  readonly to: string;
}

/** What became of the workers that a run deployed to one target. */
export interface VerifyResult {
  readonly target: string;
  readonly members: readonly SetMember[];
  /** Service → where it answers. */
  readonly urls: Readonly<Record<string, string>>;
  /** Whether the end-to-end tests ran. */
  readonly tested: boolean;
  /** Why the set was not accepted. */
  readonly failure: Failure | undefined;
  readonly takenBack: readonly TakenBack[];
  /** What serves on although the set was not accepted. */
  readonly left: readonly { readonly service: string; readonly why: string }[];
}

/** The error of a set that was not accepted, or undefined. */
export function verifyFailure({ target, failure, takenBack, left }: VerifyResult): LaunchError | undefined {
  if (failure === undefined) return undefined;
  const what = `The workers of "${target}" were not accepted: ${failure.reason}.`;
  const back = takenBack.map(({ service, to }) => `${service} (to ${shortId(to)})`).join(', ');
  const done = back === '' ? '' : `Taken back: ${back}. `;
  if (left.length === 0) {
    const none = back === '' ? 'Nothing of this run serves. ' : '';
    return new LaunchError('HEALTH_FAILED', what, { remedy: `${done}${none}Mend the cause and push again.` });
  }
  const rest = left.map(({ service, why }) => `${service} (${why})`).join(', ');
  return new LaunchError('ROLLBACK_FAILED', what, {
    remedy: `${done}Still serving: ${rest}. \`launch history <worker>\` lists the versions there are.`,
  });
}

/** The job summary. */
export function verifySummary(result: VerifyResult): string {
  const { target, members, urls, failure } = result;
  const rows = members.map((member) => [
    code(member.service),
    becameOf(member, result),
    Object.hasOwn(urls, member.service)
      ? link(urls[member.service] ?? '', urls[member.service] ?? '')
      : 'none',
  ]);
  return [
    `### ${headline(result)}: workers of ${plain(target)}`,
    ...(failure === undefined ? [] : [`**${plain(failure.reason)}**`]),
    table(['Worker', 'Now', 'URL'], rows),
    ...(failure === undefined || failure.lines.length === 0 ? [] : [codeBlock(failure.lines)]),
    '',
  ].join('\n\n');
}

function headline({ failure, left, tested, members }: VerifyResult): string {
  if (failure !== undefined)
    return left.length === 0 ? '⚠️ Taken back' : '❌ Not accepted, and not all taken back';
  if (tested) return '✅ Verified';
  return members.every(({ standing }) => standing === 'not-deployed') ? 'Nothing to verify' : 'Not tested';
}

function becameOf({ service, note, standing }: SetMember, { takenBack, left }: VerifyResult): string {
  const back = takenBack.find((it) => it.service === service);
  if (back !== undefined) return `taken back to ${code(shortId(back.to))}`;
  const kept = left.find((it) => it.service === service);
  if (kept !== undefined) return `serves on: ${plain(kept.why)}`;
  const version = note?.versionId === undefined ? '' : ` ${code(shortId(note.versionId))}`;
  return `${standing === 'not-deployed' ? 'not deployed by this run' : standing.replace('-', ' ')}${version}`;
}
