import { describe, expect, it } from '@jest/globals';
import { LaunchError } from '../../../../src/core/errors.ts';
import { findFolder, loadProject } from '../../../../src/core/project/project.ts';
import { loadService, serviceOn } from '../../../../src/core/project/service.ts';
import { meaninglessKeys } from '../../../../src/core/project/target-settings.ts';
import { memoryView } from '../../../support/memory-view.ts';

const launch = `targets:
  homelab: { runs-on: [self-hosted, homelab], host: 192.0.2.10 }
  aws: { runs-on: aws, host: 192.0.2.20 }
  edge: { runs-on: ubuntu-latest, driver: worker }
  bare: { runs-on: bare, driver: script, host: 192.0.2.30 }
`;

async function load(manifest: string, files: Readonly<Record<string, string>> = {}, target?: string) {
  const all = {
    'launch.yml': launch,
    'services/api/service.yml': manifest,
    'services/api/compose.yml': 'services: {web: {ports: ["8080:80"]}, admin: {ports: ["9090:90"]}}',
    'services/api/deploy.sh': '',
    ...files,
  };
  const project = await loadProject(memoryView(all), { root: '' });
  const service = await loadService(
    project,
    findFolder(project, 'api'),
    target === undefined ? {} : { target },
  );
  return { service, on: (name: string) => service.placements.find((it) => it.target.name === name) };
}

async function refusal(manifest: string): Promise<string> {
  try {
    await load(manifest, { 'services/api/wrangler.toml': '' });
  } catch (error) {
    if (error instanceof LaunchError) return `${error.code} ${error.message}`;
    throw error;
  }
  return '';
}

const manifest = `env: { LOG_LEVEL: info, REGION: eu }
steady: 5s
targets:
  homelab:
  aws:
    env: { LOG_LEVEL: warn, WEB_PORT: "8082" }
    health: [{ tcp: "127.0.0.1:8082" }]
    ports: { web: ["\${WEB_PORT}:80"], admin: [] }
    strategy: rolling
    route: { host: api.example.org, port: 80 }
    steady: 20s
    drain: 1m
`;

describe('settings of a target', () => {
  it('are those of the service with what differs there: env is merged, the others replace', async () => {
    const { service, on } = await load(manifest);
    expect(on('homelab')?.settings).toMatchObject({
      env: { LOG_LEVEL: 'info', REGION: 'eu' },
      strategy: 'recreate',
      steady: 5000,
      health: [],
    });
    expect(on('homelab')?.settings.ports).toBeUndefined();
    expect(on('aws')?.settings).toMatchObject({
      env: { LOG_LEVEL: 'warn', REGION: 'eu', WEB_PORT: '8082' },
      health: [{ tcp: '127.0.0.1:8082' }],
      ports: { web: ['${WEB_PORT}:80'], admin: [] },
      route: { host: 'api.example.org', path: '/', port: 80 },
      strategy: 'rolling',
      steady: 20_000,
      drain: 60_000,
    });
    expect(service.settings.env).toEqual({ LOG_LEVEL: 'info', REGION: 'eu' });
    const [first] = service.placements;
    expect(first && serviceOn(service, first).settings).toBe(first?.settings);
  });

  it('decide on the address that people are shown', async () => {
    const ports =
      'targets: {homelab: {}, aws: {ports: {web: ["8081:80"]}}, bare: {url: "https://x.example"}}';
    const { on } = await load(ports);
    expect(['homelab', 'aws', 'bare'].map((name) => on(name)?.url)).toEqual([
      'http://192.0.2.10:8080',
      'http://192.0.2.20:8081',
      'https://x.example',
    ]);
    const hidden = await load('targets: {aws: {ports: {web: ["127.0.0.1:8081:80"]}}}');
    expect(hidden.on('aws')?.url).toBe('http://192.0.2.20:9090');
  });

  it('hold for the target that the input names as well', async () => {
    const { service } = await load(manifest, {}, 'aws');
    expect(service.placements.map((it) => [it.target.name, it.settings.strategy])).toEqual([
      ['aws', 'rolling'],
    ]);
    const elsewhere = await load(manifest, {}, 'bare');
    expect(elsewhere.service.placements.map((it) => it.settings)).toEqual([elsewhere.service.settings]);
  });

  it('are refused at their line for a target that is not there, or that has no use for them', async () => {
    expect(await refusal('targets:\n  homelab: {}\n  awss: {}\n')).toMatch(
      /^TARGET_UNKNOWN There is no target "awss". \(services\/api\/service.yml:3:3\) Did you mean "aws"\?/,
    );
    expect(await refusal('targets: [homelab,\n  awss]')).toContain('service.yml:2:3');
    expect(await refusal('targets:\n  homelab:\n  edge:\n    ports: {web: ["80:80"]}\n')).toMatch(
      /^CONFIG_INVALID `ports` has no meaning for the target "edge", where the service is deployed as "worker". \(services\/api\/service.yml:4:5\) Remove it. What can differ there: env, health, url.$/,
    );
    expect(await refusal('targets:\n  bare: {route: {host: a.b, port: 80}}')).toContain('as "script"');
  });

  it('know what each driver takes', () => {
    expect(meaninglessKeys({ env: {}, drain: 5, strategy: undefined }, 'script')).toEqual(['drain']);
    expect(meaninglessKeys(undefined, 'worker')).toEqual([]);
  });
});
