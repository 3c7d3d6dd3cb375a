import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request as httpsRequest } from 'node:https';
import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { edgeUp } from '../../../src/operations/edge/set-up.ts';
import { edgeStatus } from '../../../src/operations/edge/status.ts';
import { edgeDown } from '../../../src/operations/edge/take-down.ts';
import { recoverHost } from '../../../src/operations/recover-host.ts';
import { buildCaddyImage } from '../../support/caddy-image.ts';
import { createHost, type DeployHost, docker, removeProjects } from '../../support/deploy-host.ts';
import { getThrough, quietPort, startEdge } from '../../support/edge.ts';
import { recordingReporter } from '../../support/recording-reporter.ts';
import { removeRepositories, useHermeticGit } from '../../support/repository.ts';
import { routedCompose, routedFiles, routedSettings } from '../../support/routed-service.ts';
import { requireTools } from '../../support/tools.ts';

useHermeticGit();
const name = `lt-edge-${randomBytes(4).toString('hex')}`;
afterAll(() => {
  try {
    docker('rm', '--force', name);
    docker('volume', 'rm', '--force', `${name}-data`, `${name}-config`);
  } finally {
    removeProjects();
    removeRepositories();
  }
});

const suite = requireTools('caddy', 'docker', 'compose', 'flock');

async function serve(host: DeployHost, domain: string, version = 'one'): Promise<void> {
  host.commit({
    'compose.yml': routedCompose({ version }),
    'service.yml': routedSettings(domain, 'blue-green'),
    ...routedFiles(version),
  });
  expect((await host.deploy()).status).toBe('deployed');
}

suite('launch edge up, in a container of its own', () => {
  const reporter = recordingReporter();
  let host: DeployHost;
  let request: Parameters<typeof edgeUp>[0];
  beforeAll(async () => {
    host = await createHost();
    const admin = `127.0.0.1:${await quietPort()}`;
    request = {
      stateRoot: host.stateDir,
      env: process.env,
      by: 'ann',
      admin: undefined,
      image: buildCaddyImage(),
      http: await quietPort(),
      https: await quietPort(),
      ...{ tls: 'off', bind: '127.0.0.1', container: { name, admin } },
    };
  });
  const get = async () => (await getThrough(request.http, host.service, '/version')).text;

  it('refuses a port that somebody else holds, and names who', async () => {
    const taken = createServer().listen(request.http, '127.0.0.1');
    await once(taken, 'listening');
    await expect(edgeUp(request, reporter)).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining(`process ${process.pid}`),
    });
    taken.close();
    await once(taken, 'close');
    expect(docker('ps', '--all', '--quiet', '--filter', `name=${name}`)).toBe('');
  });

  it('serves what is deployed, and goes on with it after a restart; a second time changes nothing', async () => {
    expect(await edgeUp(request, reporter)).toMatchObject({ answers: true, settings: { container: name } });
    await serve(host, host.service);
    expect(await get()).toBe('one');
    const { StartedAt: before } = JSON.parse(docker('inspect', '--format', '{{json .State}}', name));
    expect(await edgeUp(request, reporter)).toMatchObject({
      routes: [{ service: host.service, right: true }],
    });
    const { StartedAt: after } = JSON.parse(docker('inspect', '--format', '{{json .State}}', name));
    expect(after).toBe(before);
    docker('restart', '--time', '1', name);
    await until(async () => (await get()) === 'one');
  });

  it('is led to the containers again by recover, wherever they are after a restart of the host', async () => {
    const [container = ''] = Object.keys(host.containers());
    const project = `${host.service}_default`;
    docker('stop', '--time', '1', `${host.service}-${container}`);
    // Something else has the container's address by now.
    docker('run', '--detach', '--name', `${host.service}-other`, '--network', project, 'launch-test/nginx:1');
    docker('start', `${host.service}-${container}`);
    try {
      expect((await edgeStatus(request)).routes).toMatchObject([{ right: false }]);
      await recoverHost({ stateDir: host.stateDir, by: 'boot', hostEnv: process.env }, reporter);
      expect((await edgeStatus(request)).routes).toMatchObject([{ right: true }]);
      await until(async () => (await get()) === 'one');
    } finally {
      docker('rm', '--force', `${host.service}-other`);
    }
  });

  it('takes other ports when that is asked for, and is gone after down', async () => {
    request = { ...request, http: await quietPort() };
    expect(await edgeUp(request, reporter)).toMatchObject({ routes: [{ right: true }] });
    await until(async () => (await get()) === 'one');
    expect(await edgeDown(request)).toEqual({ wasThere: true });
    expect(docker('ps', '--all', '--quiet', '--filter', `name=${name}`)).toBe('');
  });
});

suite('a route with a host name of the Internet', () => {
  it('is served by TLS, and plain requests are sent there', async () => {
    const edge = await startEdge({ certificates: true });
    try {
      const host = await createHost();
      edge.announce(host.stateDir);
      const domain = `${host.service}.example.org`;
      await serve(host, domain);
      expect(await getByTls(edge.settings.https, domain)).toBe('one');
      const answer = await edge.get(domain, '/version');
      expect(answer.status).toBe(308);
      await serve(host, domain, 'two');
      expect(await getByTls(edge.settings.https, domain)).toBe('two');
      expect(host.log.join('\n')).not.toMatch(/x509|certificate/);
    } finally {
      await edge.stop();
    }
  });
});

async function getByTls(port: number, host: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: '/version', servername: host, headers: { Host: host } };
    // Nobody has signed the certificate of a test's own authority.
    const sent = httpsRequest({ ...options, agent: false, rejectUnauthorized: false }, (answer) => {
      let text = '';
      answer.on('data', (part) => {
        text += part;
      });
      answer.on('end', () => resolve(text.trim()));
    });
    sent.on('error', reject);
    sent.end();
  });
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > end) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
