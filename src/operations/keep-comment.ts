import { setTimeout as sleep } from 'node:timers/promises';
import type { PullRequestComments } from '../adapters/github/comments.ts';
import { isPassing, statusOf } from '../adapters/github/failure.ts';
import { type Comment, isSameLogin, standingOf } from '../core/comment/marked-comment.ts';
import type { CommentResult } from '../core/comment/result.ts';
import { LaunchError } from '../core/errors.ts';
import { printable } from '../core/names.ts';
import type { Reporter } from './reporter.ts';

export interface CommentRequest {
  readonly comments: PullRequestComments;
  /** The first line of `text`. */
  readonly marker: string;
  readonly text: string;
  /** Whose comment with that line is taken for this one. */
  readonly author: string;
  /** Whether there is to be a comment where there is none yet. */
  readonly create: boolean;
  /** The commit that `text` speaks of, by its full id. */
  readonly head: string;
  /** Whether the pull request comes from a fork, whose runs get a token that may only read. */
  readonly isFork: boolean;
  /** Ends it; it takes 30 s at most in any case. */
  readonly signal: AbortSignal;
}

const patienceMs = 30_000;
/** How often it looks again, after what it could not do or does not know of. */
const rounds = 3;
const pauseMs = 500;

/**
 * Has the pull request carry `text` as one comment. Throws nothing that GitHub or the network is to blame for: what
 * could not be written is a result, and a warning.
 */
export async function keepComment(request: CommentRequest, reporter: Reporter): Promise<CommentResult> {
  const signal = AbortSignal.any([AbortSignal.timeout(patienceMs), request.signal]);
  const settle = settling(request, reporter, signal);
  for (let round = 1; ; round += 1) {
    try {
      return await settle();
    } catch (error) {
      if (!(error instanceof LaunchError)) throw error;
      if (round < rounds && !signal.aborted && (error.code === 'TIMEOUT' || isPassing(error))) {
        await sleep(pauseMs, undefined, { signal }).catch(() => {});
        continue;
      }
      const why = request.signal.aborted ? 'The run was cancelled.' : reasonOf(error, request.isFork);
      reporter.warning(`The comment could not be written; nothing else is concerned. ${why}`);
      return { status: 'failed', why };
    }
  }
}

/** It goes by what is there, so that it can be called again after a request that may have been carried out. */
function settling(request: CommentRequest, reporter: Reporter, signal: AbortSignal) {
  const { comments, text, marker, head, create } = request;
  let isTried = false;
  let isUpdated = false;
  let made: Comment | undefined;

  const skip = (why: string): CommentResult => {
    reporter.info(why);
    return { status: 'skipped', why };
  };

  /** A list may lag behind what was just made. */
  const look = async () => {
    const listed = await comments.list(signal);
    const lags = made !== undefined && !listed.some(({ id }) => id === made?.id);
    return standingOf([...listed, ...(lags && made ? [made] : [])], marker, made?.author ?? request.author);
  };

  const make = async (): Promise<Comment> => {
    isTried = true;
    made = await comments.create(text, signal);
    if (made.author === undefined || isSameLogin(made.author, request.author)) return made;
    // With a wrong name each run would make another one.
    const [writes, sought] = [made.author, request.author].map((login) => printable(login, 60));
    reporter.warning(
      `The token writes as "${writes}", and the comment was looked for by "${sought}". Set the input \`author\` to ${writes}.`,
    );
    return made;
  };

  const update = async (id: number) => {
    isUpdated = true;
    try {
      return await comments.update(id, text, signal);
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
      throw new LaunchError('API_ERROR', 'The comment was removed while it was to be updated.', {
        remedy: 'Run it again.',
      });
    }
  };

  /** One too many is no reason to fail; the next run tries again. */
  const remove = async (id: number) => {
    try {
      await comments.remove(id, signal);
    } catch (error) {
      if (statusOf(error) === 404) return;
      const why = error instanceof LaunchError ? error.summary : String(error);
      reporter.warning(`A second comment of the same kind could not be removed. ${why}`);
    }
  };

  return async (): Promise<CommentResult> => {
    const now = await comments.head(signal);
    if (now !== head) {
      const newer = printable(now.slice(0, 7));
      return skip(`The pull request has a newer commit, ${newer}, whose own run writes the comment.`);
    }
    let { kept, extra } = await look();
    if (kept === undefined) {
      if (!create) return skip('There is no comment yet, and nothing that one would have to say.');
      const own = await make();
      // Another run may have done the same meanwhile: the older one stays.
      ({ kept = own, extra } = await look());
    }
    if (kept.body !== text) kept = await update(kept.id);
    for (const { id } of extra) await remove(id);
    const isOwn = isTried && (made === undefined || made.id === kept.id);
    return { status: isUpdated ? 'updated' : isOwn ? 'created' : 'unchanged', url: kept.url };
  };
}

function reasonOf(error: LaunchError, isFork: boolean): string {
  const status = statusOf(error);
  // A conversation that was locked is refused in the same way.
  if (/\blocked\b/i.test(error.summary))
    return `${error.summary} Nobody but collaborators may comment there.`;
  if (error.code !== 'API_AUTH' && status !== 404) {
    return status === 422 ? `${error.summary} GitHub does not take this text.` : error.message;
  }
  return isFork
    ? `${error.summary} The run of a pull request from a fork may only read. What it says is in the job summary.`
    : `${error.summary} Give the job the permission \`pull-requests: write\`, and the input \`token\` a token that has it, such as github.token.`;
}
