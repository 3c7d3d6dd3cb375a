import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { ROOT } from '../../support/source-tree.ts';

/** The first step of every deploy job, run as a runner does. */
function assertTrust(event: string, fork: string) {
  const workflow = parse(readFileSync(join(ROOT, '.github/workflows/deploy.yml'), 'utf8'));
  const step = workflow.jobs['wave-1'].steps[0];
  expect(step.env).toEqual({ FORK: '$' + '{{ github.event.repository.fork }}' });
  return spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run], {
    env: { PATH: process.env['PATH'], GITHUB_EVENT_NAME: event, FORK: fork },
    encoding: 'utf8',
  });
}

describe('the first step of a deploy job', () => {
  it.each([
    ['push', 'false'],
    ['workflow_dispatch', 'false'],
    ['schedule', 'false'],
    ['schedule', ''],
  ])('lets %s with fork "%s" pass', (event, fork) => {
    expect(assertTrust(event, fork)).toMatchObject({ status: 0, stdout: '' });
  });

  it.each([
    ['push', 'true'],
    ['push', ''],
    ['workflow_dispatch', 'true'],
    ['schedule', 'true'],
    ['pull_request', 'false'],
    ['pull_request_target', 'false'],
    ['merge_group', 'false'],
    ['workflow_run', 'false'],
    ['issue_comment', 'false'],
    ['repository_dispatch', 'false'],
    ['', 'false'],
    ['push:false\nx', 'false'],
  ])('stops %s with fork "%s"', (event, fork) => {
    const result = assertTrust(event, fork);
    expect(result.status).toBe(1);
    expect(result.stdout).toMatch(/^::error title=UNTRUSTED_EVENT::/);
  });
});
