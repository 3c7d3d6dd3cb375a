import { expect, it } from '@jest/globals';
import { createHost, webHealth, webService } from '../../support/deploy-host.ts';
import { deploySuite } from '../../support/deploy-suite.ts';
import { launch } from '../../support/launch-command.ts';

// `docker compose up --detach` ends with 0 in each of these, and `docker stack deploy` where it rolled back.
deploySuite('node24')('what became of a service, at the terminal', () => {
  it('is told by the exit status, the table and the JSON: deployed, refused, rolled back, down', async () => {
    const host = await createHost();
    const run = async (...more: string[]) =>
      await launch(['deploy', host.service, '--state-dir', host.stateDir, '--timeout', '20', ...more], {
        cwd: host.repository.path,
      });
    const crashing = '    command: ["sh", "-c", "echo no; exit 1"]\n';

    host.commit({ 'compose.yml': webService(host.port, crashing), 'html/index.html': 'one' });
    const down = await run();
    expect(down.exitCode).toBe(4);
    expect(down.stdout).toMatch(new RegExp(`${host.service} +failed `));
    expect(down.stderr).toMatch(/DEPLOY_FAILED: .*the service is down/);

    host.commit({ 'compose.yml': webService(host.port), 'service.yml': webHealth(host.port) });
    const deployed = await run();
    expect(deployed.exitCode).toBe(0);
    expect(deployed.stdout).toMatch(new RegExp(`${host.service} +deployed `));

    host.commit({ 'compose.yml': webService(host.port, crashing) });
    const back = await run();
    expect(back.exitCode).toBe(3);
    expect(back.stdout).toMatch(new RegExp(`${host.service} +rolled-back .* failed probes?\\)`));
    expect(back.stderr).toMatch(/DEPLOY_FAILED: .*serves again/);
    expect(await host.get()).toBe('one');
    const json = await run('--json');
    expect(json.exitCode).toBe(3);
    expect(json.json()).toMatchObject({
      services: [{ status: 'rolled-back', outageMs: expect.any(Number), failedProbes: expect.any(Number) }],
    });

    host.commit({ 'compose.yml': 'services: { web: { image: launch-test/nobody-has-this:1 } }\n' });
    const refused = await run();
    expect(refused.exitCode).toBe(1);
    expect(refused.stdout).toContain('not started (DEPLOY_FAILED)');
    expect(await host.get()).toBe('one');
  });
});
