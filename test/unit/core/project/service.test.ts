import { describe, expect, it } from '@jest/globals';
import { findFolder, loadProject } from '../../../../src/core/project/project.ts';
import { loadService, type ServiceOptions } from '../../../../src/core/project/service.ts';
import { routedUrl } from '../../../../src/core/project/url.ts';
import { type MemoryFile, memoryView } from '../../../support/memory-view.ts';

const launch = [
  'targets:',
  '  homelab: { runs-on: [self-hosted, homelab], host: 192.0.2.10 }',
  '  aws: { runs-on: aws, driver: script }',
  'defaults: { target: homelab }',
].join('\n');

async function load(files: Readonly<Record<string, MemoryFile>>, options: ServiceOptions = {}) {
  const inFolder = Object.entries(files).map(([name, file]) => [
    name.startsWith('/') ? name.slice(1) : `services/api/${name}`,
    file,
  ]);
  const project = await loadProject(memoryView(Object.fromEntries(inFolder)), { root: '' });
  return await loadService(project, findFolder(project, 'api'), options);
}

async function placements(files: Readonly<Record<string, MemoryFile>>, options?: ServiceOptions) {
  return (await load(files, options)).placements.map(
    (it) => `${it.target.name} from ${it.source} by ${it.driver} at ${it.url}`,
  );
}

const compose = 'services: {web: {ports: ["8080:80"]}}';

describe('loadService', () => {
  it('asks the places that name a target in their order', async () => {
    const files = { 'compose.yml': compose, 'deploy.sh': '', '/launch.yml': launch };
    const inFile = { 'service.yml': 'target: aws', 'target.txt': 'homelab\n' };
    expect(await placements({ ...files, ...inFile }, { target: 'homelab' })).toEqual([
      'homelab from input by compose at http://192.0.2.10:8080',
    ]);
    expect(await placements({ ...files, ...inFile })).toEqual([
      'aws from service.yml by script at undefined',
    ]);
    expect(await placements({ ...files, 'target.txt': ' aws \n' })).toEqual([
      'aws from target.txt by script at undefined',
    ]);
    expect(await placements(files)).toEqual(['homelab from defaults by compose at http://192.0.2.10:8080']);
  });

  it('goes to several targets, each once', async () => {
    const files = { 'compose.yml': compose, 'deploy.sh': '', '/launch.yml': launch };
    expect(await placements({ ...files, 'service.yml': 'targets: [aws, homelab, aws]' })).toEqual([
      'aws from service.yml by script at undefined',
      'homelab from service.yml by compose at http://192.0.2.10:8080',
    ]);
  });

  it('means the only declared target, or any self-hosted runner, where nothing is said', async () => {
    expect(await placements({ 'deploy.sh': '', '/launch.yml': 'targets: {lab: {runs-on: x}}' })).toEqual([
      'lab from built-in by script at undefined',
    ]);
    expect((await load({ 'deploy.sh': '' })).placements[0]?.target).toEqual({
      name: 'default',
      runsOn: 'self-hosted',
    });
  });

  it('refuses to guess among several', async () => {
    const two = 'targets: {a: {runs-on: x}, b: {runs-on: y}}';
    await expect(load({ 'deploy.sh': '', '/launch.yml': two })).rejects.toMatchObject({
      code: 'TARGET_UNKNOWN',
      place: { file: 'services/api/service.yml' },
    });
  });

  it('names the file that names an unknown target', async () => {
    await expect(load({ 'deploy.sh': '', '/launch.yml': launch, 'target.txt': 'homelap' })).rejects.toThrow(
      /no target "homelap"\. \(services\/api\/target\.txt:1\) Did you mean "homelab"\?/,
    );
  });

  it.each(['', ' \n', 'a b', 'a\nb'])('refuses the target.txt %j', async (text) => {
    await expect(load({ 'deploy.sh': '', 'target.txt': text })).rejects.toThrow(
      /must hold one target's name/,
    );
  });

  it('infers the driver, and checks one that is named', async () => {
    expect((await load({ 'wrangler.toml': '', 'deploy.sh': '' })).placements[0]?.driver).toBe('worker');
    expect((await load({ 'compose.yml': '', 'deploy.sh': '' })).placements[0]?.driver).toBe('compose');
    await expect(load({ 'service.yml': '' })).rejects.toThrow(/no way to deploy/);
    await expect(load({ 'compose.yml': '', 'service.yml': 'driver: worker' })).rejects.toThrow(
      /to be deployed as "worker" \(service\.yml says\), but has no wrangler\.jsonc or wrangler\.toml/,
    );
    await expect(load({ 'compose.yml': '', '/launch.yml': launch }, { target: 'aws' })).rejects.toThrow(
      /\(its target "aws" says\), but has no deploy\.sh/,
    );
  });

  it('reads a symlinked service where its files are', async () => {
    const service = await load({
      '/services/api': { symlink: '../apps/backend' },
      '/apps/backend/compose.yml': compose,
      '/apps/backend/service.yml': 'target: homelab',
      '/launch.yml': launch,
    });
    expect(service).toMatchObject({ name: 'api', placements: [{ url: 'http://192.0.2.10:8080' }] });
  });

  it('tells a fault of service.yml at its line, with the number of the others', async () => {
    await expect(
      load({ 'deploy.sh': '', 'service.yml': 'enabled: true\ntraget: x\ndrainn: 3s\n' }),
    ).rejects.toThrow(
      /Unknown key "traget"\. \(services\/api\/service\.yml:2:1\) Did you mean "target"\? And 1 more: services\/api\/service\.yml:3:1/,
    );
  });
});

describe('the url of a service', () => {
  const urlOf = async (files: Readonly<Record<string, MemoryFile>>, host = '192.0.2.10') => {
    const targets = `targets: {lab: {runs-on: x, host: "${host}"}}`;
    return (await load({ '/launch.yml': targets, ...files })).placements[0]?.url;
  };
  const ports = (...list: string[]) => `services: {web: {ports: ${JSON.stringify(list)}}}`;

  it('is its own before its route before host and port', async () => {
    const route = 'route: {host: chat.example.org, path: /x, port: 80}\n';
    expect(
      await urlOf({ 'compose.yml': ports('80:80'), 'service.yml': `${route}url: https://own.example/` }),
    ).toBe('https://own.example/');
    expect(await urlOf({ 'compose.yml': ports('80:80'), 'service.yml': route })).toBe(
      'https://chat.example.org/x',
    );
    expect(await urlOf({ 'compose.yml': ports('8080:80') })).toBe('http://192.0.2.10:8080');
  });

  it('names no port that goes without saying', async () => {
    expect(await urlOf({ 'compose.yml': ports('80:80') })).toBe('http://192.0.2.10');
    expect(await urlOf({ 'compose.yml': ports('443:443') })).toBe('https://192.0.2.10');
  });

  it('takes the first port that people can reach by HTTP', async () => {
    expect(
      await urlOf({ 'compose.yml': ports('127.0.0.1:9000:9000', '53:53/udp', '3000:80', '4000:80') }),
    ).toBe('http://192.0.2.10:3000');
    expect(await urlOf({ 'compose.yml': ports('80') })).toBeUndefined();
    expect(await urlOf({ 'compose.yml': ports('[::1]:80:80') })).toBeUndefined();
  });

  it('fills the port in from the settings', async () => {
    const files = { 'compose.yml': ports('${PORT:-8080}:80') };
    expect(await urlOf(files)).toBe('http://192.0.2.10:8080');
    expect(await urlOf({ ...files, 'service.yml': 'env: {PORT: 9090}' })).toBe('http://192.0.2.10:9090');
  });

  it('puts an IPv6 address into brackets', async () => {
    expect(await urlOf({ 'compose.yml': ports('8080:80') }, '2001:db8::1')).toBe('http://[2001:db8::1]:8080');
  });

  it('is the host alone for a script, and nothing for a worker or without a host', async () => {
    expect(await urlOf({ 'deploy.sh': '' })).toBe('http://192.0.2.10');
    expect(await urlOf({ 'wrangler.toml': '' })).toBeUndefined();
    expect((await load({ 'compose.yml': ports('80:80') })).placements[0]?.url).toBeUndefined();
  });
});

describe('the url of a route', () => {
  it('tells scheme and port as the proxy serves it', () => {
    const at = (host: string, tls: boolean, port: number, path = '/') =>
      routedUrl({ host, path }, { tls, port });
    expect(at('chat.example.org', true, 443)).toBe('https://chat.example.org');
    expect(at('chat.example.org', true, 8443, '/api')).toBe('https://chat.example.org:8443/api');
    expect(at('chat.home.arpa', false, 80)).toBe('http://chat.home.arpa');
    expect(at('2001:db8::1', false, 39280)).toBe('http://[2001:db8::1]:39280');
  });
});
