// A service whose deployments are recorded on GitHub: a script, because that is quick.
import type { DeployHost } from './deploy-host.ts';
import type { FakeGitHub } from './github-api.ts';
import type { ActionRun } from './run-action.ts';

export const script = (...lines: string[]) => ({
  executable: ['#!/bin/sh', 'set -eu', ...lines, ''].join('\n'),
});

/** A service that is a script, whose health is a file's. */
export function release(
  host: DeployHost,
  page: string,
  { health = 'true', deploy = ':', more = '' } = {},
): string {
  return host.commit({
    'deploy.sh': script(deploy, `echo ${page} >"$HOME/page"`),
    'service.yml': `url: https://chat.example.org\n${more}`,
    'health-check.sh': script(health),
    'page.txt': page,
  });
}

export function runOf(api: FakeGitHub, host: DeployHost, inputs: Record<string, string> = {}): ActionRun {
  return {
    inputs: { service: host.service, 'state-dir': host.stateDir, token: api.token, ...inputs },
    cwd: host.repository.path,
    env: { GITHUB_API_URL: api.url },
  };
}
