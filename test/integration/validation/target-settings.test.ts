import { afterAll, describe, expect, it } from '@jest/globals';
import { formatPlace } from '../../../src/core/errors.ts';
import { type Files, removeRepositories } from '../../support/repository.ts';
import { composeService, repositoryWith, validate } from '../../support/validating.ts';

afterAll(removeRepositories);

const off = { shellcheck: { severity: 'off', required: false, path: '', toolCache: '' } } as const;

const launch = `targets:
  homelab: { runs-on: homelab }
  aws: { runs-on: aws, allowed-ports: [443] }
  edge: { runs-on: ubuntu-latest, driver: worker }
defaults: { target: homelab }
`;

/** Each problem as `rule place message remedy`. */
async function problems(files: Files): Promise<string[]> {
  const report = await validate(repositoryWith({ 'launch.yml': launch, ...files }).path, off);
  return report.problems.map((it) => `${it.rule} ${formatPlace(it.place)} ${it.message} ${it.remedy}`);
}

const web = 'services:\n  web:\n    image: "a:1"\n    ports: ["8080:80"]\n';
const service = (name: string, manifest: string, compose = web): Files => ({
  ...composeService(name, compose),
  [`services/${name}/service.yml`]: manifest,
});

describe('ports of a target', () => {
  it('are held against those of others on that target, at their own line', async () => {
    const own = service('a', 'targets:\n  homelab: {}\n  aws:\n    ports:\n      web: ["8081:80"]\n');
    // 8080 is free on aws, and taken at home.
    expect(await problems({ ...own, ...service('b', 'target: aws\n') })).toEqual([]);
    expect(await problems({ ...own, ...service('b', 'target: homelab\n') })).toEqual([
      expect.stringMatching(/^duplicate-port services\/b\/compose.yml:4:\d+ .* on homelab/),
    ]);
    const taken = service('b', 'target: aws\n', web.replace('8080', '8081'));
    expect(await problems({ ...taken, ...own })).toEqual([
      expect.stringMatching(
        /^duplicate-port services\/b\/compose.yml:4:\d+ .* on aws \(services\/a\/service.yml:5\)/,
      ),
    ]);
    const both = service('b', 'targets: { homelab: {ports: {web: []}}, aws: {ports: {web: ["8081:80"]}} }');
    expect(await problems({ ...own, ...both })).toEqual([
      expect.stringMatching(/^duplicate-port services\/b\/service.yml:1:\d+ .* on aws/),
    ]);
  });

  it('may be reserved there, or free of what is reserved', async () => {
    const reserved = (target: string) =>
      service('a', `targets:\n  ${target}:\n    ports: {web: ["443:80"]}\n`);
    expect(await problems(reserved('aws'))).toEqual([]);
    expect(await problems(reserved('homelab'))).toEqual([
      expect.stringMatching(/^reserved-port services\/a\/service.yml:3:.*not allowed on homelab/),
    ]);
    const away = 'targets: { homelab: { ports: { web: ["8443:443"] } } }\n';
    expect(await problems(service('a', away, web.replace('8080', '443')))).toEqual([]);
  });

  it('take the variables of the target', async () => {
    const compose = web.replace('8080', '${WEB_PORT}');
    const manifest = 'env: { WEB_PORT: 8080 }\ntargets:\n  homelab:\n  aws: { env: { WEB_PORT: 8081 } }\n';
    const other = (port: number) => service('b', 'target: aws\n', web.replace('8080', `${port}`));
    expect(await problems({ ...service('a', manifest, compose), ...other(8080) })).toEqual([]);
    expect(await problems({ ...service('a', manifest, compose), ...other(8081) })).toEqual([
      expect.stringMatching(/^duplicate-port services\/b\/compose.yml/),
    ]);
    const missing = 'targets:\n  homelab:\n  aws:\n    env: { WEB_PORT: 8081 }\n';
    expect(await problems(service('a', missing, compose))).toEqual([
      expect.stringMatching(
        /^undeclared-variable services\/a\/compose.yml:4:\d+ The variable WEB_PORT has no value in a deployment \(on "homelab"\)\./,
      ),
    ]);
  });

  it('name compose services that are there, and variables that have a value', async () => {
    const manifest = 'targets:\n  homelab:\n    ports:\n      wbe: ["8081:80"]\n      web: ["${NO}:80"]\n';
    expect((await problems(service('a', manifest))).sort()).toEqual([
      expect.stringMatching(
        /^invalid-value services\/a\/service.yml:4:7 `ports` names "wbe".* Did you mean "web"\?$/,
      ),
      expect.stringMatching(/^undeclared-variable services\/a\/service.yml:5:\d+ The variable NO /),
    ]);
  });
});

describe('other settings of a target', () => {
  it('are checked where they are written', async () => {
    const manifest = [
      'targets:',
      '  homelab:',
      '  aws:',
      '    strategy: rolling',
      '    env: { DOCKER_HOST: x }',
      '    health: [{ http: /health }]',
      '',
    ].join('\n');
    expect((await problems(service('a', manifest))).map((it) => it.split(' ', 2).join(' '))).toEqual([
      'strategy-without-route services/a/service.yml:4:5',
      'reserved-variable services/a/service.yml:5:12',
      'invalid-value services/a/service.yml:6:16',
    ]);
  });

  it('are refused at their line where the driver has no use for them, or the target is not declared', async () => {
    const worker = {
      'services/a/README.md': '# a\n',
      'services/a/wrangler.toml': 'name = "a"\nmain = "a.js"\ncompatibility_date = "2026-01-01"\n',
      'services/a/a.js': 'export default {}',
    };
    const manifest = 'health: [{http: /}]\ntargets:\n  edge:\n    drain: 5s\n';
    expect(await problems({ ...worker, 'services/a/service.yml': manifest })).toEqual([
      expect.stringMatching(/^config-invalid services\/a\/service.yml:4:5 `drain` has no meaning/),
    ]);
    expect(await problems(service('a', 'targets:\n  homelab: {}\n  asw: {}\n'))).toEqual([
      expect.stringMatching(/^target-unknown services\/a\/service.yml:3:3 .*Did you mean "aws"\?/),
    ]);
  });

  it('can lead a route elsewhere', async () => {
    const at = (host: string) => `{ host: ${host}, port: 80 }`;
    const own = `route: ${at('a.example')}\ntargets:\n  homelab:\n  aws:\n    route: ${at('b.example')}\n`;
    const other = (target: string) =>
      service('b', `target: ${target}\nroute: ${at('b.example')}\n`, 'services: {x: {image: "a:1"}}');
    expect(await problems({ ...service('a', own), ...other('homelab') })).toEqual([]);
    expect(await problems({ ...service('a', own), ...other('aws') })).toEqual([
      expect.stringMatching(
        /^duplicate-route services\/b\/service.yml:2:\d+ .*on aws \(services\/a\/service.yml:5/,
      ),
    ]);
  });
});
