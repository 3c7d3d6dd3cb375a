import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from '@jest/globals';
import { createHost, type DeployHost, leftovers } from '../../support/deploy-host.ts';
import { deploySuite, useEdge } from '../../support/deploy-suite.ts';
import { routedCompose, routedFiles, routedSettings } from '../../support/routed-service.ts';

const edge = useEdge();

const suite = deploySuite('caddy');
const database =
  '  db:\n    image: launch-test/nginx:1\n    volumes: ["store:/store"]\nvolumes: { store: {} }\n';

async function routedHost(strategy: string): Promise<DeployHost> {
  const host = await createHost();
  edge.announce(host.stateDir);
  host.commit({
    'compose.yml': routedCompose({ version: 'one', others: database }),
    'service.yml': routedSettings(host.service, strategy, 'stateful: [db]\n'),
    ...routedFiles('one'),
  });
  return host;
}

suite('blue-green', () => {
  let host: DeployHost;
  beforeAll(async () => {
    host = await routedHost('blue-green');
  });

  it('serves the first release through the edge proxy', async () => {
    expect(await host.deploy()).toMatchObject({ status: 'deployed', failure: undefined });
    expect(await edge.get(host.service, '/version')).toEqual({ status: 200, text: 'one' });
  });

  it('moves all requests to new containers, leaves the database alone, and loses nothing', async () => {
    const before = host.containers();
    host.commit({
      'compose.yml': routedCompose({ version: 'two', bootSeconds: 1, others: database }),
      ...routedFiles('two'),
    });
    const slow = edge.get(host.service, '/cgi-bin/slow');
    const result = await host.deploy();
    expect(result).toMatchObject({
      status: 'deployed',
      outageMs: 0,
      failedProbes: 0,
      kept: [`${host.service}-db-1`],
    });
    expect(await slow).toEqual({ status: 200, text: 'one' });
    expect(await edge.get(host.service, '/version')).toEqual({ status: 200, text: 'two' });
    const after = host.containers();
    expect(Object.keys(after)).toHaveLength(2);
    expect(after['db-1']).toEqual(before['db-1']);
    expect(leftovers(host.service)).toEqual([]);
  });

  it('touches nothing when exactly this is live; a route that went missing is mended', async () => {
    const before = host.containers();
    expect((await host.deploy()).status).toBe('unchanged');
    await fetch(`http://${edge.admin}/config/apps/http/servers/launch_http/routes`, { method: 'DELETE' });
    expect((await edge.get(host.service, '/version')).text).toBe('');
    expect((await host.deploy()).status).toBe('deployed');
    expect((await edge.get(host.service, '/version')).text).toBe('two');
    expect(host.containers()).toEqual(before);
  });

  it('a new release that never gets healthy is gone, and the old one has served throughout', async () => {
    const before = host.containers();
    host.commit({
      'compose.yml': routedCompose({ version: 'bad', bootSeconds: 60, others: database }),
      'service.yml': routedSettings(host.service, 'blue-green', 'stateful: [db]\n').replace(
        '10s, i',
        '1s, i',
      ),
    });
    const result = await host.deploy();
    expect(result).toMatchObject({ status: 'rolled-back', outageMs: 0, failedProbes: 0 });
    expect(result.failure?.reason).toMatch(/\/version/);
    expect(host.containers()).toEqual(before);
    expect((await edge.get(host.service, '/version')).text).toBe('two');
  });

  it('a hook that fails after the switch leads requests back to the old containers', async () => {
    const before = host.containers();
    host.commit({
      'compose.yml': routedCompose({ version: 'three', others: database }),
      'service.yml': routedSettings(
        host.service,
        'blue-green',
        'stateful: [db]\nhooks: { post-deploy: ./warm.sh }\n',
      ),
      'warm.sh': { executable: '#!/bin/sh\necho no; exit 1\n' },
      ...routedFiles('three'),
    });
    const result = await host.deploy();
    expect(result).toMatchObject({ status: 'rolled-back', outageMs: 0, failedProbes: 0 });
    expect(host.containers()).toEqual(before);
    expect((await edge.get(host.service, '/version')).text).toBe('two');
    const journal = join(host.folder, 'journal');
    expect(() => readFileSync(journal)).toThrow();
  });
});
