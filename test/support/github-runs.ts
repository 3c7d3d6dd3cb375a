// The runs of a workflow on the main branch, as GitHub's REST API lists them.
import { type ApiRequest, type FakeGitHub, paged } from './github-api.ts';

export interface ServedRuns {
  /** A push run that has ended so, newer than those before. */
  ended(commit: string, conclusion: 'success' | 'failure' | 'cancelled'): void;
  /** The jobs of the run that is under way, which have failed by their names. */
  failed: readonly string[];
}

/** `owner/name`. Of the run that asks, its id is 1, as act has it. */
export function serveRuns(api: FakeGitHub, repository: string): ServedRuns {
  const runs: object[] = [];
  const served: ServedRuns = {
    failed: [],
    ended: (commit, conclusion) => {
      const more = { event: 'push', head_branch: 'main', status: 'completed', conclusion };
      runs.unshift({ id: 100 + runs.length, head_sha: commit, ...more });
    },
  };
  const path = `/repos/${repository}/actions`;
  const job = (name: string, conclusion: string) => ({ name, status: 'completed', conclusion, steps: [] });
  api.on(`GET ${path}/runs/1`, () => ({ body: { id: 1, workflow_id: 77 } }));
  api.on(`GET ${path}/workflows/*/runs`, (request: ApiRequest, its) => {
    const wanted = [request.query['branch'], request.query['event']];
    if (wanted.join() !== 'main,push') return { status: 422, body: { message: 'Which branch?' } };
    return paged(runs, 'workflow_runs')(request, its);
  });
  api.on(`GET ${path}/runs/*/jobs`, paged([job('Plan', 'success'), job('Deploy it', 'success')], 'jobs'));
  api.on(`GET ${path}/runs/1/attempts/*/jobs`, (request, its) =>
    paged(
      [job('Launch / Plan', 'success'), ...served.failed.map((name) => job(`Launch / ${name}`, 'failure'))],
      'jobs',
    )(request, its),
  );
  return served;
}
