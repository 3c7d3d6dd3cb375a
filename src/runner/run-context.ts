/** What GitHub tells of the run; everything is undefined outside of one. */
export interface RunContext {
  /** owner/name */
  readonly repository: string | undefined;
  readonly actor: string | undefined;
  readonly url: string | undefined;
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
  };
}
