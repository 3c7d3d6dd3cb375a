import { fitMarkdown } from '../../core/comment/fit.ts';
import { type CommentResult, commentSummary } from '../../core/comment/result.ts';
import { cancellation } from '../../runner/cancellation.ts';
import { readPullRequest } from '../../runner/event.ts';
import { writeOutputs } from '../../runner/outputs.ts';
import { jobLog } from '../../runner/reporter.ts';
import { readRun, runContext } from '../../runner/run.ts';
import { writeSummary } from '../../runner/summary.ts';
import { type CommentInputs, readInputs } from './inputs.ts';

export const outputNames = ['status', 'url'] as const;

/** Keeps one comment on the pull request up to date. It never fails the job for what GitHub does not take. */
export async function main(): Promise<void> {
  const result = await comment(readInputs());
  const url = 'url' in result ? result.url : '';
  jobLog.info(`The comment: ${result.status}${url === '' ? '' : `, ${url}`}.`);
  await writeSummary(commentSummary(result));
  writeOutputs(outputNames, { status: result.status, url });
}

async function comment({ token, text, ...given }: CommentInputs): Promise<CommentResult> {
  const [run, pullRequest] = [readRun(), readPullRequest()];
  if (run === undefined || pullRequest === undefined) {
    return leave('The event is about no pull request, so there is nothing to comment on.', jobLog.warning);
  }
  if (text === undefined) return leave('The input `body` is empty: there is nothing to say.', jobLog.info);
  if (token === undefined) {
    const why = 'The input `token` is empty. Give it one with `pull-requests: write`, such as github.token.';
    jobLog.warning(`The comment could not be written; nothing else is concerned. ${why}`);
    return { status: 'failed', why };
  }
  const [{ githubClient }, { pullRequestComments }, { keepComment }] = await Promise.all([
    import('../../adapters/github/client.ts'),
    import('../../adapters/github/comments.ts'),
    import('../../operations/keep-comment.ts'),
  ]);
  const client = githubClient({ apiUrl: run.apiUrl, token, retries: 1, timeout: 8000, longestWait: 10_000 });
  const comments = pullRequestComments(client, run.repository, pullRequest.number);
  const note = `_The rest does not fit into a comment. The summary of [the run](${runContext().url ?? ''}) has all of it._`;
  const request = { ...given, ...pullRequest, comments, text: fitMarkdown(text, note) };
  return await keepComment({ ...request, signal: cancellation() }, jobLog);
}

function leave(why: string, tell: (why: string) => void): CommentResult {
  tell(why);
  return { status: 'skipped', why };
}
