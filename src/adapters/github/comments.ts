import * as z from 'zod/mini';
import type { Comment } from '../../core/comment/marked-comment.ts';
import type { GitHubClient } from './client.ts';
import { readAnswer } from './read-answer.ts';

/** The comments of one pull request; needs `pull-requests: write`. */
export interface PullRequestComments {
  /** The full id of the newest commit of the pull request. */
  head(signal: AbortSignal): Promise<string>;
  /** All of them, the oldest first. */
  list(signal: AbortSignal): Promise<Comment[]>;
  create(body: string, signal: AbortSignal): Promise<Comment>;
  update(id: number, body: string, signal: AbortSignal): Promise<Comment>;
  remove(id: number, signal: AbortSignal): Promise<void>;
}

const fault = 'that is no comment';
const pullRequest = z.object({ head: z.object({ sha: z.string() }) });
const comment = z.object({
  id: z.number(),
  body: z.nullish(z.string()),
  user: z.nullish(z.object({ login: z.string() })),
  html_url: z.string(),
});
const page = z.array(comment);

/** Shapes: https://docs.github.com/rest/issues/comments; what is no line of code is commented as on an issue. */
export function pullRequestComments(
  client: GitHubClient,
  repository: string,
  number: number,
): PullRequestComments {
  const issues = `repos/${repository}/issues`;
  const own = `${issues}/${number}/comments`;
  const one = (id: number) => `${issues}/comments/${id}`;
  return {
    async head(signal) {
      return readAnswer(
        pullRequest,
        await client.request('GET', `repos/${repository}/pulls/${number}`, { signal }),
        { fault },
      ).head.sha;
    },
    async list(signal) {
      const all: Comment[] = [];
      for await (const body of client.pages(own, { query: { per_page: 100 }, signal })) {
        all.push(...readAnswer(page, body, { fault }).map(asComment));
      }
      return all;
    },
    async create(body, signal) {
      return asComment(
        readAnswer(comment, await client.request('POST', own, { body: { body }, signal }), { fault }),
      );
    },
    async update(id, body, signal) {
      return asComment(
        readAnswer(comment, await client.request('PATCH', one(id), { body: { body }, signal }), { fault }),
      );
    },
    async remove(id, signal) {
      await client.request('DELETE', one(id), { signal });
    },
  };
}

function asComment({ id, body, user, html_url: url }: z.infer<typeof comment>): Comment {
  return { id, body: body ?? '', author: user?.login, url };
}
