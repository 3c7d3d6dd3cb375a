// The comments of a pull request as GitHub's REST API has them: what a job's
// `permissions` don't allow is refused, as is a body that GitHub would not take.
import * as z from 'zod/mini';
import { type ApiAnswer, type ApiRequest, type FakeGitHub, paged, type Route } from './github-api.ts';

type Level = 'read' | 'write';

/** What a token stands for: who writes with it, and what the job that has it was granted. */
export interface TokenHolder {
  readonly login: string;
  readonly permissions: Readonly<Record<string, Level>>;
}

/** The token that a job gets with `permissions: { pull-requests: write }`. */
export const ofTheJob: TokenHolder = {
  login: 'github-actions[bot]',
  permissions: { 'pull-requests': 'write' },
};

export interface ServedComment {
  readonly id: number;
  body: string;
  readonly login: string;
}

export interface ServedPullRequest {
  readonly comments: readonly ServedComment[];
  /** How often a comment was written, in any way. */
  readonly writes: number;
  /** Its newest commit from now on. */
  push(commit: string): void;
  /** As somebody writes it on the page. */
  write(login: string, body: string): ServedComment;
}

export interface ServePullRequest {
  /** owner/name; default `octo/shop`. */
  readonly repository?: string;
  readonly number: number;
  /** Its newest commit, or what tells it when it is asked for. */
  readonly head: string | (() => string);
  /** By token; default the api's own, for a job that may write. */
  readonly holders?: Readonly<Record<string, TokenHolder>>;
}

const maximum = 65_536;
const newComment = z.strictObject({ body: z.string().check(z.minLength(1)) });
const docs = 'https://docs.github.com/rest/issues/comments';

const refusal = (status: number, message: string, more = {}): ApiAnswer => ({
  status,
  body: { message, ...more, documentation_url: docs, status: String(status) },
});

export function servePullRequest(api: FakeGitHub, options: ServePullRequest): ServedPullRequest {
  const { repository = 'octo/shop', number, holders = { [api.token]: ofTheJob } } = options;
  let head = options.head;
  let comments: ServedComment[] = [];
  let last = 100;
  let writes = 0;
  const repo = `/repos/${repository}`;

  const answerOf = ({ id, body, login }: ServedComment) => ({
    id,
    body,
    user: { login, type: login.endsWith('[bot]') ? 'Bot' : 'User' },
    html_url: `https://github.com/${repository}/pull/${number}#issuecomment-${id}`,
  });
  const write = (login: string, body: string): ServedComment => {
    last += 1;
    const comment = { id: last, body, login };
    comments.push(comment);
    return comment;
  };
  /** As GitHub gives the permission of a request: one of both is enough. */
  const isGranted = ({ token }: ApiRequest, wanted: Level, scopes: readonly string[]) =>
    scopes.some((scope) => {
      const level = holders[token]?.permissions[scope];
      return level === 'write' || level === wanted;
    });
  const on = (route: string, wanted: Level, answer: Route, scopes = ['issues', 'pull-requests']) =>
    api.on(route, (request, its) => {
      if (isGranted(request, wanted, scopes)) return answer(request, its);
      // What one may not even read is not there.
      return isGranted(request, 'read', scopes)
        ? refusal(403, 'Resource not accessible by integration')
        : refusal(404, 'Not Found');
    });
  const bodyOf = ({ body }: ApiRequest): string | ApiAnswer => {
    const parsed = z.safeParse(newComment, body);
    if (!parsed.success) return refusal(422, 'Invalid request.', { errors: [z.prettifyError(parsed.error)] });
    if ([...parsed.data.body].length <= maximum) return parsed.data.body;
    const message = `Body is too long (maximum is ${maximum} characters)`;
    const error = { resource: 'IssueComment', code: 'unprocessable', field: 'data', message };
    return refusal(422, 'Validation Failed', { errors: [error] });
  };
  const find = ({ path }: ApiRequest) => comments.find(({ id }) => path.endsWith(`/${id}`));

  const pull = () => ({
    body: {
      number,
      state: 'open',
      head: { sha: typeof head === 'string' ? head : head() },
      title: 'A change',
    },
  });
  on(`GET ${repo}/pulls/${number}`, 'read', pull, ['pull-requests']);
  on(`GET ${repo}/issues/${number}/comments`, 'read', (request, its) =>
    paged(comments.map(answerOf))(request, its),
  );
  on(`POST ${repo}/issues/${number}/comments`, 'write', (request) => {
    const body = bodyOf(request);
    if (typeof body !== 'string') return body;
    writes += 1;
    const login = holders[request.token]?.login ?? '';
    return { status: 201, body: answerOf(write(login, body)) };
  });
  on(`PATCH ${repo}/issues/comments/*`, 'write', (request) => {
    const [comment, body] = [find(request), bodyOf(request)];
    if (comment === undefined) return refusal(404, 'Not Found');
    if (typeof body !== 'string') return body;
    writes += 1;
    comment.body = body;
    return { body: answerOf(comment) };
  });
  on(`DELETE ${repo}/issues/comments/*`, 'write', (request) => {
    const comment = find(request);
    if (comment === undefined) return refusal(404, 'Not Found');
    comments = comments.filter((it) => it !== comment);
    return { status: 204 };
  });

  return {
    get comments() {
      return comments;
    },
    get writes() {
      return writes;
    },
    push: (commit) => {
      head = commit;
    },
    write,
  };
}
