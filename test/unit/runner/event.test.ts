import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { readEvent } from '../../../src/runner/event.ts';
import { readRun } from '../../../src/runner/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'launch-event-'));
const before = { ...process.env };
const id = (digit: string): string => digit.repeat(40);

afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('GITHUB_')) delete process.env[name];
  Object.assign(process.env, before);
});

/** What the runner sets for an event. */
function given(event: string, payload: unknown, env: Record<string, string> = {}): void {
  for (const name of Object.keys(process.env)) if (name.startsWith('GITHUB_')) delete process.env[name];
  const path = join(folder, 'event.json');
  writeFileSync(path, typeof payload === 'string' ? payload : JSON.stringify(payload));
  Object.assign(process.env, {
    GITHUB_EVENT_NAME: event,
    GITHUB_EVENT_PATH: path,
    GITHUB_SHA: id('c'),
    ...env,
  });
}

describe('an event', () => {
  it('of a push', () => {
    const repository = { default_branch: 'main' };
    given('push', { before: id('b'), forced: true, repository }, { GITHUB_REF: 'refs/heads/feature/x' });
    expect(readEvent()).toEqual({
      event: 'push',
      commit: id('c'),
      branch: 'feature/x',
      defaultBranch: 'main',
      push: { before: id('b'), forced: true },
    });
  });

  it('of a first push and of a tag has no commit before', () => {
    given('push', { before: id('0'), created: true }, { GITHUB_REF: 'refs/tags/v1' });
    expect(readEvent()).toEqual({ event: 'push', commit: id('c'), tag: 'v1', push: { forced: false } });
  });

  it('of a pull request and of a merge group', () => {
    given('pull_request', { pull_request: { base: { sha: id('a') }, head: { sha: id('b') } } });
    expect(readEvent()).toMatchObject({ pullRequest: { base: id('a'), head: id('b') } });
    given('merge_group', { merge_group: { base_sha: id('a') } });
    expect(readEvent()).toMatchObject({ mergeGroup: { base: id('a') } });
  });

  it('is not believed when it says nonsense', () => {
    given('push', { before: '--upload-pack=touch x', forced: 'yes', repository: [] });
    expect(readEvent()).toEqual({ event: 'push', commit: id('c'), push: { forced: false } });
    for (const payload of ['', '{', '[]', 'null', '"text"']) {
      given('pull_request', payload);
      expect(readEvent()).toEqual({ event: 'pull_request', commit: id('c') });
    }
    given('merge_group', { merge_group: { base_sha: 'main' }, __proto__: { base_sha: id('a') } });
    expect(readEvent()).not.toHaveProperty('mergeGroup');
  });

  it('is absent at a terminal', () => {
    given('push', {});
    delete process.env['GITHUB_EVENT_NAME'];
    expect(readEvent()).toEqual({ event: undefined });
  });
});

describe('the run', () => {
  const env = {
    GITHUB_REPOSITORY: 'octo/shop',
    GITHUB_RUN_ID: '42',
    GITHUB_WORKFLOW_REF: 'octo/shop/.github/workflows/deploy.yml@refs/heads/main',
    GITHUB_API_URL: 'https://ghe.example.org/api/v3',
  };

  it('names its workflow by the file', () => {
    given('push', {}, env);
    expect(readRun()).toEqual({
      repository: 'octo/shop',
      id: 42,
      workflow: 'deploy.yml',
      apiUrl: 'https://ghe.example.org/api/v3',
    });
  });

  it('does not take another repository for its own, nor a path for a name', () => {
    given('push', {}, { ...env, GITHUB_WORKFLOW_REF: 'evil/shop/.github/workflows/deploy.yml@x' });
    expect(readRun()?.workflow).toBeUndefined();
    given('push', {}, { ...env, GITHUB_WORKFLOW_REF: 'octo/shop/.github/workflows/../../x.yml@x' });
    expect(readRun()?.workflow).toBeUndefined();
    given('push', {}, { ...env, GITHUB_REPOSITORY: 'octo/shop/../..' });
    expect(readRun()).toBeUndefined();
  });
});
