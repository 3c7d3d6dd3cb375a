import { afterEach, describe, expect, it } from '@jest/globals';
import { githubClient } from '../../../src/adapters/github/client.ts';
import { listRunners } from '../../../src/adapters/github/runners.ts';
import type { RunsOn } from '../../../src/core/config/launch-file.ts';
import type { Plan } from '../../../src/core/plan.ts';
import type { Removal } from '../../../src/core/removal.ts';
import { checkRemovalRunners } from '../../../src/operations/check-removal-runners.ts';
import { checkRunners } from '../../../src/operations/check-runners.ts';
import { closeServers, httpServer } from '../../support/local-server.ts';
import { recordingReporter } from '../../support/recording-reporter.ts';

afterEach(closeServers);

const runner = (name: string, labels: readonly string[], status = 'online') => ({
  name,
  status,
  busy: false,
  labels: labels.map((label) => ({ name: label, type: 'custom' })),
});

type Answer = { readonly status?: number; readonly runners?: readonly unknown[]; readonly next?: string };

/** GitHub's API as far as runners go: each path's answer; anything else is 404. */
async function github(answers: Readonly<Record<string, Answer>>) {
  const asked: string[] = [];
  const server = await httpServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://x');
    const page = url.searchParams.get('page');
    const key = page === null ? url.pathname : `${url.pathname}#${page}`;
    asked.push(`${key} ${request.headers.authorization}`);
    const answer = answers[key] ?? { status: 404 };
    if (answer.next !== undefined)
      response.setHeader('link', `<${base}${url.pathname}?page=${answer.next}>; rel="next"`);
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(
        answer.runners === undefined ? { message: 'no' } : { total_count: 1, runners: answer.runners },
      ),
    );
  });
  const base = `http://127.0.0.1:${server.port}`;
  const client = githubClient({ apiUrl: base, token: 't0ken', retries: 0 });
  return { asked, list: async () => await listRunners(client, 'octo/shop') };
}

const plan = (targets: Readonly<Record<string, RunsOn>>): Plan => ({
  disabled: [],
  entries: Object.entries(targets).map(([name, runsOn]) => ({
    service: `on-${name}`,
    target: { name, runsOn },
    source: 'service.yml',
    driver: 'compose',
    url: undefined,
    wave: 1,
    reasons: [],
  })),
});

const own = '/repos/octo/shop/actions/runners';
const shared = '/orgs/octo/actions/runners';

describe('checkRunners', () => {
  it('finds runners of the repository and of the organisation, on every page', async () => {
    const { list, asked } = await github({
      [own]: { runners: [runner('a', ['self-hosted', 'homelab'])], next: '2' },
      [`${own}#2`]: { runners: [runner('b', ['self-hosted', 'edge'])] },
      [shared]: { runners: [runner('c', ['self-hosted', 'gpu'])] },
    });
    const reporter = recordingReporter();
    const targets = {
      homelab: ['self-hosted', 'homelab'],
      edge: 'edge',
      gpu: ['gpu'],
      hosted: 'ubuntu-latest',
    };
    await checkRunners(plan(targets), 'fail', list, reporter);
    expect(reporter.warnings).toEqual([]);
    expect(reporter.lines).toEqual([
      'edge: b online',
      'gpu: c online',
      'homelab: a online',
      'hosted: not checked, it is a runner of GitHub',
    ]);
    expect(asked).toEqual([own, `${own}#2`, shared].map((path) => `${path} Bearer t0ken`));
  });

  it('warns of, or fails for, a target without a runner online', async () => {
    const { list } = await github({
      [own]: { runners: [runner('a', ['self-hosted', 'homelab'], 'offline')] },
    });
    const made = plan({ homelab: ['self-hosted', 'homelab'], aws: ['self-hosted', 'aws'] });
    const reporter = recordingReporter();
    await checkRunners(made, 'warn', list, reporter);
    expect(reporter.warnings).toEqual([
      expect.stringMatching(/"aws" has no runner: none has all of the labels self-hosted, aws/),
      expect.stringMatching(/"homelab" has no runner online: a offline/),
    ]);
    await expect(checkRunners(made, 'fail', list, recordingReporter())).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      message: expect.stringMatching(/"aws" has no runner.*"homelab" has no runner online/),
    });
  });

  it.each([401, 403, 404, 500])(
    'says so and goes on when the list is refused with %d, even with fail',
    async (status) => {
      const { list } = await github({ [own]: { status } });
      const reporter = recordingReporter();
      const checks = await checkRunners(plan({ homelab: 'homelab' }), 'fail', list, reporter);
      expect(checks.size).toBe(0);
      expect(reporter.warnings).toEqual([expect.stringMatching(/was not checked: .*administration: read/)]);
      expect(reporter.warnings.join()).not.toMatch(/t0ken/);
    },
  );

  it('does not fail for a runner that the organisation may have, when its list is refused', async () => {
    const { list } = await github({ [own]: { runners: [] }, [shared]: { status: 403 } });
    const reporter = recordingReporter();
    const checks = await checkRunners(plan({ homelab: 'homelab' }), 'fail', list, reporter);
    expect(reporter.warnings).toEqual([expect.stringMatching(/organisation could not be listed/)]);
    // Nor is it left out for one.
    expect(checks.get('homelab')).toMatchObject({ kind: 'not-checked' });
  });

  it('leaves with `skip` to others what is missing, and says quietly that there is no token', async () => {
    const { list } = await github({ [own]: { runners: [] } });
    const reporter = recordingReporter();
    const checks = await checkRunners(plan({ homelab: 'homelab' }), 'skip', list, reporter);
    expect([...checks]).toEqual([['homelab', { kind: 'none', labels: ['homelab'] }]]);
    expect(reporter.warnings).toEqual([]);
    const noToken = async () => ({ listed: false, why: 'no `token` is given.', noToken: true }) as const;
    await checkRunners(plan({ homelab: 'homelab' }), 'skip', noToken, reporter);
    expect(reporter.warnings).toEqual([]);
    expect(reporter.lines).toEqual([expect.stringMatching(/was not checked: no `token` is given\./)]);
    await checkRunners(plan({ homelab: 'homelab' }), 'warn', noToken, reporter);
    expect(reporter.warnings).toHaveLength(1);
  });

  it('asks nobody when no target has a runner of its own', async () => {
    const { list, asked } = await github({});
    await checkRunners(
      plan({ edge: 'ubuntu-latest', big: { group: 'big' } }),
      'fail',
      list,
      recordingReporter(),
    );
    expect(asked).toEqual([]);
  });

  it('goes on when the answer is no list, and when nobody answers', async () => {
    const { list } = await github({ [own]: {} });
    const reporter = recordingReporter();
    await checkRunners(plan({ homelab: 'homelab' }), 'fail', list, reporter);
    const client = githubClient({ apiUrl: 'http://127.0.0.1:9', token: 't0ken', retries: 0 });
    await checkRunners(
      plan({ homelab: 'homelab' }),
      'fail',
      async () => await listRunners(client, 'octo/shop'),
      reporter,
    );
    expect(reporter.warnings).toHaveLength(2);
  });
});

describe('checkRemovalRunners', () => {
  const at = (name: string, more: Partial<Removal> = {}): Removal => ({
    service: `on-${name}`,
    target: { name, runsOn: ['self-hosted', name] },
    driver: 'compose',
    onDelete: 'stop',
    ...more,
  });
  const removals = [
    at('up'),
    at('down'),
    at('typo'),
    at('sold', { undeclared: true }),
    at('asleep', { undeclared: true }),
    at('told', { onDelete: 'report' }),
  ];

  it('lets no job wait for a runner that is off, and gives up a machine that is gone', async () => {
    const off = (name: string) => runner(name, ['self-hosted', name], 'offline');
    const { asked, list } = await github({
      [own]: { runners: [runner('up', ['self-hosted', 'up']), off('down'), off('asleep')] },
      [shared]: { runners: [] },
    });
    const reporter = recordingReporter();
    const found = await checkRemovalRunners(removals, 'skip', list, reporter);
    expect(found.removals.filter((it) => it.onDelete === 'stop')).toEqual([at('up')]);
    expect(found.removals).toHaveLength(removals.length);
    expect(found.stranded.map(({ service }) => service)).toEqual(['on-down', 'on-typo', 'on-asleep']);
    expect(found.stranded[0]).toMatchObject({
      target: 'down',
      reason: expect.stringMatching(/no runner online: down/),
    });
    expect(reporter.warnings).toHaveLength(4);
    expect(reporter.warnings[2]).toMatch(
      /on-sold is not taken down .*not in launch.yml any more.*not tried again/,
    );
    expect(asked).toHaveLength(2);
    await expect(checkRemovalRunners(removals, 'fail', list, reporter)).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
  });

  it('changes nothing where nobody can be asked', async () => {
    const list = async () => ({ listed: false, why: 'no token', noToken: true }) as const;
    for (const mode of ['off', 'warn', 'skip'] as const) {
      const reporter = recordingReporter();
      expect(await checkRemovalRunners(removals, mode, list, reporter)).toEqual({ removals, stranded: [] });
    }
  });
});
