import { expect, it } from '@jest/globals';
import { readStatus } from '../../../src/operations/read-status.ts';
import { createHost, webHealth, webService } from '../../support/deploy-host.ts';
import { deploySuite } from '../../support/deploy-suite.ts';

const suite = deploySuite();

suite('a target whose first deployment was refused', () => {
  it('is none of this host: a rollback does not ask for it, and status does not show it', async () => {
    const host = await createHost();
    for (const page of ['1', '2']) {
      host.commit({
        'compose.yml': webService(host.port, `    environment: { PAGE: "${page}" }\n`),
        'service.yml': webHealth(host.port),
        'html/index.html': page,
      });
      await host.deploy();
    }
    // The project is that of the other target.
    host.commit({ 'target.txt': 'elsewhere\n' });
    await expect(host.deploy()).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    const found = await readStatus({ stateRoot: host.stateDir, services: [], hostEnv: process.env });
    expect(found.map(({ target }) => target)).toEqual(['homelab']);
    expect(await host.rollback()).toMatchObject({ status: 'deployed', target: 'homelab' });
    await expect(host.rollback({ target: 'elsewhere' })).rejects.toMatchObject({ code: 'SERVICE_NOT_FOUND' });
  });
});
