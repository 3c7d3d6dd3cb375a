// Deployments as GitHub's REST API has them: what it would refuse is refused, and
// what it keeps can be looked at.
import * as z from 'zod/mini';
import type { ApiAnswer, FakeGitHub, Route } from './github-api.ts';

const text = (length: number) => z.string().check(z.minLength(1), z.maxLength(length));
const httpUrl = z.string().check(z.regex(/^https?:\/\//));

/** The fields that GitHub documents and Launch means to send; another one is a mistake. */
const newDeployment = z.strictObject({
  ref: z.string().check(z.regex(/^[0-9a-f]{40}$/)),
  task: z.enum(['deploy', 'rollback']),
  environment: text(255),
  description: text(140),
  payload: z.strictObject({ service: z.string(), target: z.string(), release: z.string() }),
  auto_merge: z.literal(false),
  required_contexts: z.array(z.string()).check(z.maxLength(0)),
  transient_environment: z.literal(false),
});

const newStatus = z.strictObject({
  state: z.enum(['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success']),
  description: text(140),
  log_url: z.optional(httpUrl),
  environment_url: z.optional(httpUrl),
  auto_inactive: z.boolean(),
});

export type DeploymentStatus = z.infer<typeof newStatus>;

export interface Deployment extends z.infer<typeof newDeployment> {
  readonly id: number;
  /** In the order in which they came; those that GitHub adds of its own are there, too. */
  readonly statuses: readonly Pick<
    DeploymentStatus,
    'state' | 'description' | 'log_url' | 'environment_url'
  >[];
}

export interface ServedDeployments {
  readonly all: readonly Deployment[];
  /** The states of each deployment, in order, as `homelab/web: in_progress, success`. */
  states(): string[];
}

export interface ServeOptions {
  /** owner/name; default `octo/shop`. */
  readonly repository?: string;
  /** What the token may do; default `write`. */
  readonly permission?: 'write' | 'read' | 'none';
  /** Commits that GitHub does not know. */
  readonly unknown?: readonly string[];
  /** In front of a request's own answer; undefined lets it through. */
  readonly fault?: (what: 'create' | 'status' | 'list', state?: string) => ApiAnswer | undefined;
  /** In place of the answer, when what was asked for has been done. */
  readonly afterwards?: (what: 'create') => ApiAnswer | undefined;
}

const refusal = { status: 403, body: { message: 'Resource not accessible by integration' } };

export function serveDeployments(
  api: FakeGitHub,
  {
    repository = 'octo/shop',
    permission = 'write',
    unknown = [],
    fault = () => undefined,
    afterwards = () => undefined,
  }: ServeOptions = {},
): ServedDeployments {
  const all: (Deployment & { statuses: Deployment['statuses'][number][] })[] = [];
  const path = `/repos/${repository}/deployments`;
  const on = (route: string, answer: Route) => {
    const isAllowed = permission === 'write' || (permission === 'read' && route.startsWith('GET'));
    api.on(route, (request, its) => (isAllowed ? answer(request, its) : refusal));
  };
  const invalid = (message: string) => ({ status: 422, body: { message } });

  const endBefore = (deployment: Deployment) => {
    for (const it of all) {
      const isLive = it.statuses.at(-1)?.state === 'success' && it !== deployment;
      if (!isLive || it.environment !== deployment.environment) continue;
      it.statuses.push({ state: 'inactive', description: 'by GitHub' });
    }
  };

  on(`POST ${path}`, ({ body }) => {
    const early = fault('create');
    if (early !== undefined) return early;
    const parsed = z.safeParse(newDeployment, body);
    if (!parsed.success) return invalid(z.prettifyError(parsed.error));
    if (unknown.includes(parsed.data.ref)) return invalid(`No ref found for: ${parsed.data.ref}`);
    all.push({ ...parsed.data, id: 1000 + all.length, statuses: [] });
    return afterwards('create') ?? { status: 201, body: { id: all.at(-1)?.id } };
  });
  on(`POST ${path}/*/statuses`, ({ path: asked, body }) => {
    const parsed = z.safeParse(newStatus, body);
    const early = fault('status', parsed.data?.state);
    if (early !== undefined) return early;
    if (!parsed.success) return invalid(z.prettifyError(parsed.error));
    const deployment = all.find(({ id }) => asked === `${path}/${id}/statuses`);
    if (deployment === undefined) return { status: 404, body: { message: 'Not Found' } };
    const { auto_inactive: endsOthers, ...status } = parsed.data;
    deployment.statuses.push(status);
    if (endsOthers && status.state === 'success') endBefore(deployment);
    return { status: 201, body: { id: 1 } };
  });
  on(`GET ${path}/*/statuses`, ({ path: asked }) => {
    const early = fault('list');
    if (early !== undefined) return early;
    const statuses = all.find(({ id }) => asked === `${path}/${id}/statuses`)?.statuses ?? [];
    return { body: [...statuses].reverse() };
  });
  on(`GET ${path}`, ({ query }) => {
    const early = fault('list');
    if (early !== undefined) return early;
    const found = all.filter(
      (it) =>
        (query['sha'] ?? it.ref) === it.ref &&
        (query['environment'] ?? it.environment) === it.environment &&
        (query['task'] ?? it.task) === it.task,
    );
    return { body: found.reverse().map(({ id, payload }) => ({ id, payload })) };
  });

  return {
    all,
    states: () =>
      all.map(
        ({ environment, statuses }) => `${environment}: ${statuses.map(({ state }) => state).join(', ')}`,
      ),
  };
}
