import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import type { DeployResult } from '../../../src/core/deploy/result.ts';
import { createHost, type DeployHost, removeProjects } from '../../support/deploy-host.ts';
import { removeRepositories, temporaryFolder, useHermeticGit } from '../../support/repository.ts';
import { requireTools } from '../../support/tools.ts';

useHermeticGit();
afterAll(() => {
  removeProjects();
  removeRepositories();
});

const suite = requireTools('flock');

/** Says so when two of it run at once. */
const script = `#!/bin/sh
mkdir "$PLACE/busy" 2>/dev/null || echo "$VERSION met another" >>"$PLACE/overlaps"
echo "$VERSION" >>"$PLACE/versions"
sleep 0.05
rmdir "$PLACE/busy"
`;

const line = 'octo/shop/.github/workflows/deploy.yml@refs/heads/main';

/** A commit for each version, and a checkout of each. */
function commits(host: DeployHost, place: string, count: number): string[] {
  const checkouts = temporaryFolder('launch-checkouts-');
  return Array.from({ length: count }, (_, version) => {
    const commit = host.commit({
      'deploy.sh': { executable: script },
      'service.yml': `env: { PLACE: "${place}", VERSION: "${version + 1}" }\n`,
    });
    const checkout = join(checkouts, String(version + 1));
    execFileSync('git', ['worktree', 'add', '--quiet', '--detach', checkout, commit], {
      cwd: host.repository.path,
    });
    return checkout;
  });
}

const read = (path: string) => readFileSync(path, 'utf8').trim().split('\n');

suite('runs of one service', () => {
  it('50 at once: one at a time, none lost, never backwards, the last commit wins', async () => {
    const host = await createHost();
    const place = temporaryFolder('launch-place-');
    const count = 50;
    const checkouts = commits(host, place, count);
    // Seven is coprime to fifty: every run once, in a muddle.
    const runs = Array.from({ length: count }, (_, at) => ((at * 7) % count) + 1);
    const results = await Promise.all(
      runs.map(async (run) => {
        const cwd = checkouts[run - 1] ?? '';
        const result = await host.deploy({ cwd, order: { line, run, attempt: 1 }, timeoutMs: 110_000 });
        return { run, result };
      }),
    );
    expect(existsSync(join(place, 'overlaps'))).toBe(false);
    const deployed = results.filter(({ result }) => result.status === 'deployed').map(({ run }) => run);
    const passed = results.filter(({ result }) => result.superseded !== undefined).map(({ run }) => run);
    expect(deployed.length + passed.length).toBe(count);
    const versions = read(join(place, 'versions')).map(Number);
    expect(versions).toEqual(deployed.toSorted((a, b) => a - b));
    expect(versions.at(-1)).toBe(count);
    expect(read(join(host.folder, 'history.ndjson'))).toHaveLength(deployed.length);
  }, 120_000);

  it('an older commit is refused without force, also when a newer run found nothing to do', async () => {
    const host = await createHost();
    const place = temporaryFolder('launch-place-');
    const [one = '', two = ''] = commits(host, place, 2);
    const order = (run: number, attempt = 1) => ({ order: { line, run, attempt } });
    await host.deploy({ cwd: two });
    await expect(host.deploy({ cwd: one })).rejects.toMatchObject({ code: 'SUPERSEDED' });
    expect((await host.deploy({ cwd: one, force: true })).status).toBe('deployed');
    // Run 5 is live. Run 7 brings a commit beside the service, so nothing is to be done; then comes run 6.
    await host.deploy({ cwd: two, ...order(5), force: true });
    host.commit({ '/README.md': 'beside' });
    expect((await host.deploy(order(7))).status).toBe('unchanged');
    const late: DeployResult = await host.deploy({ cwd: one, ...order(6) });
    expect(late).toMatchObject({
      status: 'unchanged',
      failure: undefined,
      superseded: expect.stringContaining('run 7'),
    });
    await expect(host.deploy({ cwd: one, ...order(6, 2) })).rejects.toMatchObject({ code: 'SUPERSEDED' });
    expect(read(join(place, 'versions'))).toEqual(['2', '1', '2']);
  }, 60_000);
});
