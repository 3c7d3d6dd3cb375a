import { describe, expect, it } from '@jest/globals';
import { byDriver, planToJson, targetNames } from '../../../src/core/plan.ts';
import { headline, planSummary } from '../../../src/core/plan-summary.ts';
import { loadProject } from '../../../src/core/project/project.ts';
import { makePlan, type PlanRequest } from '../../../src/operations/make-plan.ts';
import { type MemoryFile, memoryView } from '../../support/memory-view.ts';

const launch = `
targets:
  homelab: { runs-on: [self-hosted, homelab], host: 192.0.2.10 }
  aws: { runs-on: { group: cloud }, environment: production }
defaults: { target: homelab }
`;

const shop = {
  'launch.yml': launch,
  'services/db/compose.yml': 'services: {db: {ports: ["5432:5432"]}}',
  'services/api/deploy.sh': '',
  'services/api/service.yml': 'depends-on: [db]\ntargets: [aws, homelab]\n',
  'services/web/compose.yml': 'services: {web: {ports: ["80:80"]}}',
  'services/web/service.yml': 'depends-on: [api]\n',
  'services/example/deploy.sh': '',
  'services/example/service.yml': 'enabled: false\ntarget: nowhere\n',
};

async function plan(request: Partial<PlanRequest> = {}, files: Readonly<Record<string, MemoryFile>> = shop) {
  return await makePlan(await loadProject(memoryView(files), { root: '' }), { services: 'all', ...request });
}

const brief = (made: Awaited<ReturnType<typeof plan>>) =>
  made.entries.map(({ wave, service, target, driver }) => `${wave} ${service} ${target.name} ${driver}`);

describe('makePlan', () => {
  it('says what goes where, how and in which wave', async () => {
    const made = await plan();
    expect(brief(made)).toEqual([
      '1 db homelab compose',
      '2 api aws script',
      '2 api homelab script',
      '3 web homelab compose',
    ]);
    expect(targetNames(made)).toEqual(['aws', 'homelab']);
  });

  it('lists what is chosen but disabled, whatever else is wrong with its target', async () => {
    expect((await plan()).disabled).toEqual(['example']);
    expect(await plan({ services: ['example'] })).toEqual({ entries: [], disabled: ['example'] });
    expect((await plan({ services: ['db'] })).disabled).toEqual([]);
  });

  it('makes waves of the chosen services only, in the order of all', async () => {
    expect(brief(await plan({ services: ['web', 'db'] }))).toEqual([
      '1 db homelab compose',
      '2 web homelab compose',
    ]);
    expect(brief(await plan({ services: ['web', 'web'] }))).toEqual(['1 web homelab compose']);
    expect(brief(await plan({ services: [] }))).toEqual([]);
  });

  it('sends all to the target that was asked for', async () => {
    expect(brief(await plan({ services: ['db', 'api'], target: 'aws' }))).toEqual([
      '1 db aws compose',
      '2 api aws script',
    ]);
    await expect(plan({ target: 'asw' })).rejects.toThrow(
      /no target "asw".*the `target` input.*Did you mean "aws"/,
    );
  });

  it('names a service that does not exist', async () => {
    await expect(plan({ services: ['ap'] })).rejects.toMatchObject({ code: 'SERVICE_NOT_FOUND' });
    await expect(plan({ services: ['../x'] })).rejects.toMatchObject({ code: 'SERVICE_NOT_FOUND' });
  });

  it('is not stopped by a fault in a service that has nothing to do with it', async () => {
    const files = { ...shop, 'services/broken/deploy.sh': '', 'services/broken/service.yml': 'enabled: [' };
    expect(brief(await plan({ services: ['web'] }, files))).toEqual(['1 web homelab compose']);
    await expect(plan({ services: ['broken'] }, files)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    const needed = { ...files, 'services/db/service.yml': 'depends-on: [broken]' };
    await expect(plan({ services: ['web'] }, needed)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('names a circle among services it was not asked for, when it depends on them', async () => {
    const files = { ...shop, 'services/db/service.yml': 'depends-on: [api]' };
    await expect(plan({ services: ['web'] }, files)).rejects.toThrow(
      /circle: (api → db → api|db → api → db)/,
    );
  });

  it('knows a service called as something that every object has', async () => {
    const files = { 'services/constructor/deploy.sh': '' };
    const made = await plan({ reasons: {} }, files);
    expect(planToJson(made)).toMatchObject({
      services: { constructor: { default: { driver: 'script', wave: 1 } } },
    });
    expect(made.entries[0]?.reasons).toEqual([]);
  });
});

describe('the plan for people and programs', () => {
  it('is JSON by service and target, with the reasons', async () => {
    const json = planToJson(
      await plan({ services: ['api', 'example'], reasons: { api: ['src/main.ts changed'] } }),
    );
    expect(json).toEqual({
      services: {
        api: {
          aws: {
            driver: 'script',
            wave: 1,
            'runs-on': { group: 'cloud' },
            environment: 'production',
            url: '',
            why: ['src/main.ts changed', 'target from service.yml'],
          },
          homelab: {
            driver: 'script',
            wave: 1,
            'runs-on': ['self-hosted', 'homelab'],
            environment: '',
            url: 'http://192.0.2.10',
            why: ['src/main.ts changed', 'target from service.yml'],
          },
        },
      },
      disabled: ['example'],
    });
  });

  it('tells workers from what goes to a host, and orders them by what they bind', async () => {
    const worker = (name: string, bound?: string) => ({
      [`services/${name}/wrangler.jsonc`]: JSON.stringify({
        name: `shop-${name}`,
        ...(bound === undefined ? {} : { services: [{ binding: 'OTHER', service: `shop-${bound}` }] }),
      }),
    });
    const view = memoryView({
      'launch.yml': 'targets: { edge: { runs-on: ubuntu-latest } }\n',
      ...worker('a', 'b'),
      ...worker('b', 'c'),
      ...worker('c', 'a'),
      'services/site/deploy.sh': '',
      'services/off/wrangler.toml': 'name = "off"\n',
      'services/off/service.yml': 'enabled: false\n',
      // What is wrong with one that nobody asked for is of no concern.
      'services/broken/wrangler.jsonc': '{ "name": ',
    });
    const project = await loadProject(view, { root: '' });
    const made = await makePlan(project, { services: ['a', 'b', 'c', 'site', 'off'] });
    expect(byDriver(made)).toEqual({ 'worker-services': ['c', 'b', 'a'], hosted: ['site', 'off'] });
    expect(made.entries.map(({ service, wave }) => [service, wave])).toEqual([
      ['c', 1],
      ['site', 1],
      ['b', 2],
      ['a', 3],
    ]);
  });

  it('is a table, with waves where there are several', async () => {
    const markdown = planSummary(await plan());
    expect(markdown).toMatch(/^### To deploy: 3 services to 2 targets\n/);
    expect(markdown).toMatch(/\| Wave \| Service \| Target \| Driver \| Why \| URL \|/);
    expect(markdown).toMatch(
      /\| 3 \| <code>web<\/code> \| <code>homelab<\/code> \| compose \| default target of launch\.yml \| \[.*\]\(http:\/\/192\.0\.2\.10\) \|/,
    );
    expect(markdown).toMatch(/enabled: false`: <code>example<\/code>/);
    expect(planSummary(await plan({ services: ['web'] }))).not.toMatch(/Wave/);
  });

  it('tells what is frozen, by whom, why and what comes of it', async () => {
    const { entries, ...rest } = await plan({ services: ['web'] });
    const freeze = { reason: 'a | b', at: '2026-01-01T00:00:00Z', by: 'ann', held: [] };
    const frozen = entries.map((it) => ({ ...it, frozen: { freeze, verdict: 'held' as const } }));
    expect(planToJson({ ...rest, entries: frozen }).services['web']?.['homelab']?.frozen).toEqual({
      reason: 'a | b',
      by: 'ann',
      at: '2026-01-01T00:00:00Z',
      verdict: 'held',
    });
    expect(planSummary({ ...rest, entries: frozen })).toContain(
      'a &#124; b; this commit does not touch it, so nothing is done',
    );
  });

  it('says so when there is nothing', async () => {
    const empty = await plan({ services: [] });
    expect(planSummary(empty)).toBe('### Nothing to deploy\n');
    expect(headline(await plan({ services: ['web'] }))).toBe('To deploy: 1 service to homelab');
  });

  it('lets no markup of a reason come alive', async () => {
    const reasons = { web: ['<img src=x>|`@me`\n# x'] };
    expect(planSummary(await plan({ services: ['web'], reasons }))).not.toMatch(/<img|`@me|\n# x/);
  });

  it('stays short with a thousand services', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 1500 }, (_, index) => [`services/s${index}/deploy.sh`, '']),
    );
    const markdown = planSummary(await plan({}, files));
    expect(markdown.length).toBeLessThan(500_000);
    expect(markdown).toMatch(/And 500 more/);
  });
});
