import type { RunOrder } from '../core/deploy/supersession.ts';

/** What GitHub tells of the run; everything is undefined outside of one. */
export interface RunContext {
  /** owner/name */
  readonly repository: string | undefined;
  readonly actor: string | undefined;
  readonly url: string | undefined;
  /** Undefined where the run has no number. */
  readonly order: RunOrder | undefined;
}

export function runContext(): RunContext {
  const read = (name: string) => process.env[name] || undefined;
  const [server, repository, run] = [
    read('GITHUB_SERVER_URL'),
    read('GITHUB_REPOSITORY'),
    read('GITHUB_RUN_ID'),
  ];
  const attempt = read('GITHUB_RUN_ATTEMPT');
  const isWhole = server !== undefined && repository !== undefined && run !== undefined;
  return {
    repository,
    actor: read('GITHUB_ACTOR'),
    url: isWhole
      ? `${server}/${repository}/actions/runs/${run}${attempt === undefined ? '' : `/attempts/${attempt}`}`
      : undefined,
    order: orderOf(read),
  };
}

/** Numbers count the runs of one workflow; GITHUB_WORKFLOW_REF names it together with its branch. */
function orderOf(read: (name: string) => string | undefined): RunOrder | undefined {
  const run = Number(read('GITHUB_RUN_NUMBER'));
  const [workflow, ref] = [read('GITHUB_WORKFLOW_REF') ?? read('GITHUB_WORKFLOW'), read('GITHUB_REF')];
  if (!Number.isSafeInteger(run) || run < 1 || workflow === undefined || ref === undefined) return undefined;
  return {
    line: `${workflow.replace(/@.*$/, '')}@${ref}`,
    run,
    attempt: Number(read('GITHUB_RUN_ATTEMPT')) || 1,
  };
}
