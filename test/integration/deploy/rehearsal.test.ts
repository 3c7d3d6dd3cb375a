import { existsSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { createHost, webHealth, webService } from '../../support/deploy-host.ts';
import { deploySuite } from '../../support/deploy-suite.ts';

const suite = deploySuite();

suite('before anything starts', () => {
  it('a rehearsal says what would be pulled, made anew, started again and left', async () => {
    const host = await createHost();
    const db = '  db:\n    image: launch-test/app:1\n    stop_grace_period: 1s\n';
    const jobs = db.replace('db:', 'cache:');
    host.commit({
      'compose.yml': webService(host.port, db + jobs),
      'service.yml': webHealth(host.port),
      'html/index.html': 'page',
    });
    await host.deploy();
    host.docker('stop', `${host.service}-db-1`);
    host.commit({
      'compose.yml': webService(host.port, `    environment: { A: "1" }\n${db}${jobs}`),
    });
    const { plan, status } = await host.deploy({ dryRun: true });
    expect(status).toBe('unchanged');
    expect(plan).toEqual(
      expect.arrayContaining([
        `would be made anew: ${host.service}-web-1`,
        `would be started again: ${host.service}-db-1`,
        `would be left as it is: ${host.service}-cache-1`,
      ]),
    );
    host.commit({ 'compose.yml': 'services: { web: { image: "127.0.0.1:1/none:1" } }\n' });
    expect((await host.deploy({ dryRun: true })).plan).toContain('would be pulled: 127.0.0.1:1/none:1');
  });

  it('a compose file without a service is refused', async () => {
    const host = await createHost({ 'compose.yml': 'services: {}\n' });
    await expect(host.deploy()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('has no service to start'),
    });
    await expect(host.deploy({ dryRun: true })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(existsSync(`${host.folder}/history.ndjson`)).toBe(false);
  });
});
