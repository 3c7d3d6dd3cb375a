// One service on two targets that differ: both on this engine, each with a compose project of its own.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { stateFolder } from '../../../src/core/deploy/state-layout.ts';
import { alsoRemove, containersOf, createHost, freePort, repositoryName } from '../../support/deploy-host.ts';
import { deploySuite } from '../../support/deploy-suite.ts';

const suite = deploySuite();

async function ask(port: number): Promise<string> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } });
    return (await answer.text()).trim();
  } catch {
    return 'nobody';
  }
}

suite('targets that differ', () => {
  it('are deployed, checked, left alone and taken back each by its own settings', async () => {
    const host = await createHost();
    const [first, second, third] = [host.port, await freePort(), await freePort()];
    const other = `${host.service}-aws`;
    alsoRemove(other);
    const manifest = (port: number, name = 'web') =>
      [
        `env: { PROJECT: ${host.service}, LEVEL: info, PAGE: "home" }`,
        `health: [{ http: "http://127.0.0.1:${first}/", timeout: 20s, interval: 100ms }]`,
        'targets:',
        '  homelab:',
        '  aws:',
        `    env: { PROJECT: ${other}, LEVEL: warn, PORT: ${port} }`,
        `    health: [{ http: "http://127.0.0.1:${port}/", timeout: 20s, interval: 100ms }]`,
        `    url: http://aws.example:${port}`,
        '    ports:',
        `      ${name}: ["127.0.0.1:\${PORT}:80"]`,
        '',
      ].join('\n');
    const compose = [
      'name: ${PROJECT}',
      'services:',
      '  web:',
      '    image: launch-test/nginx:1',
      '    environment: { LEVEL: "${LEVEL}", PAGE: "${PAGE}" }',
      `    ports: ["127.0.0.1:${first}:80"]`,
      '    volumes: ["./html:/usr/share/nginx/html:ro"]',
      '    stop_grace_period: 1s',
      '',
    ].join('\n');
    host.commit({
      '/launch.yml': 'targets: { homelab: { runs-on: homelab }, aws: { runs-on: aws } }\n',
      'compose.yml': compose,
      'html/index.html': 'hello',
      'service.yml': manifest(second, 'wbe'),
    });
    // Nothing is touched for a name that is not in the compose file.
    await expect(host.deploy({ target: 'aws' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/"wbe".*service\.yml:10:7.*Did you mean "web"\?/),
    });
    expect(containersOf(other)).toEqual({});

    host.commit({ 'service.yml': manifest(second) });
    expect(await host.deploy({ target: 'homelab' })).toMatchObject({ status: 'deployed' });
    const before = host.containers();
    const aws = await host.deploy({ target: 'aws' });
    expect(aws).toMatchObject({ status: 'deployed', url: `http://aws.example:${second}` });
    expect([await ask(first), await ask(second)]).toEqual(['hello', 'hello']);
    expect(Object.values(before)[0]?.env).toEqual(expect.arrayContaining(['LEVEL=info', 'PAGE=home']));
    expect(Object.values(containersOf(other))[0]?.env).toEqual(
      expect.arrayContaining(['LEVEL=warn', 'PAGE=home']),
    );

    // What differs on one target is nothing to the other.
    host.commit({ 'service.yml': manifest(third) });
    expect(await host.deploy({ target: 'homelab' })).toMatchObject({ status: 'unchanged' });
    expect(await host.deploy({ target: 'aws' })).toMatchObject({ status: 'deployed' });
    expect(host.containers()).toEqual(before);
    expect([await ask(first), await ask(second), await ask(third)]).toEqual(['hello', 'nobody', 'hello']);

    // A release of before brings its ports and its checks back.
    expect(await host.rollback({ target: 'aws' })).toMatchObject({ status: 'deployed' });
    expect([await ask(first), await ask(second), await ask(third)]).toEqual(['hello', 'hello', 'nobody']);
    const state = join(
      host.stateDir,
      stateFolder({ repository: repositoryName, target: 'aws', service: host.service }),
    );
    expect(existsSync(join(state, 'current/ports.yml'))).toBe(true);
    expect(existsSync(join(host.folder, 'current/ports.yml'))).toBe(false);
  });
});
