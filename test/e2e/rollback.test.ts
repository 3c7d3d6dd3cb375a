import { expect, it } from '@jest/globals';
import { createHost, filesBelow, repositoryName, webHealth, webService } from '../support/deploy-host.ts';
import { deploySuite } from '../support/deploy-suite.ts';
import { launch } from '../support/launch-command.ts';
import { temporaryFolder } from '../support/repository.ts';
import { runAction } from '../support/run-action.ts';

const action = 'rollback';

deploySuite('node24')('going back, as it ships', () => {
  it('works from a step without a checkout and from a terminal, and is told by history and status', async () => {
    const host = await createHost();
    const ids: string[] = [];
    for (const text of ['one', 'two', 'three']) {
      host.commit({
        'compose.yml': webService(host.port, '    environment: [TOKEN]\n'),
        'service.yml': `secrets: [TOKEN]\nurl: http://127.0.0.1:${host.port}\n${webHealth(host.port)}`,
        'html/index.html': text,
      });
      ids.push((await host.deploy({ secrets: new Map([['TOKEN', 'canary-value']]) })).release);
    }
    const inputs = { service: host.service, 'state-dir': host.stateDir };
    const nowhere = temporaryFolder('launch-nowhere-');
    const env = { GITHUB_REPOSITORY: repositoryName };

    const refused = await runAction(action, { inputs, cwd: nowhere, env });
    expect(refused.exitCode).toBe(1);
    expect(JSON.stringify(refused.annotations)).toContain('SECRET_MISSING');

    const secrets = 'TOKEN=canary-value\n';
    const back = await runAction(action, { inputs: { ...inputs, secrets }, cwd: nowhere, env });
    expect({ exitCode: back.exitCode, outputs: back.outputs }).toMatchObject({
      exitCode: 0,
      outputs: { status: 'deployed', 'previous-release': ids[2], url: `http://127.0.0.1:${host.port}` },
    });
    expect(back.summary).toContain('Gone back');
    expect(back.summary).toContain(ids[1]);
    const printed = back.stdout.split('\n').filter((line) => !line.startsWith('::add-mask::'));
    expect(printed.join('\n')).not.toContain('canary');
    expect(await host.get()).toBe('two');

    const held = await runAction('compose-deploy', {
      inputs: { ...inputs, secrets },
      cwd: host.repository.path,
      env,
    });
    expect(held).toMatchObject({ exitCode: 0, outputs: { status: 'unchanged' } });
    expect(held.summary).toContain('frozen');

    const at = ['--repository', repositoryName, '--state-dir', host.stateDir];
    const run = async (...args: string[]) =>
      await launch(args, {
        cwd: nowhere,
        env: { LAUNCH_SECRETS: secrets, DOCKER_HOST: process.env['DOCKER_HOST'] },
      });
    const again = await run('rollback', host.service, ...at, '--json');
    expect({ exitCode: again.exitCode, json: again.json() }).toMatchObject({
      exitCode: 0,
      json: { status: 'deployed', restores: ids[0] },
    });
    expect(await host.get()).toBe('one');
    const unknown = await run('rollback', host.service, ...at, '--to', 'no-such-release');
    expect(unknown.exitCode).toBe(1);
    expect(unknown.stderr).toContain(ids[2]);

    const status = await run('status', '--state-dir', host.stateDir, '--json');
    expect(status).toMatchObject({ exitCode: 0 });
    expect(status.json()).toMatchObject({
      services: [{ service: host.service, restores: ids[0], health: 'healthy', drift: [] }],
    });
    expect((await run('status', '--state-dir', host.stateDir)).stdout).toContain('yes');
    expect((await run('unfreeze', host.service, ...at)).stdout).toContain('is not frozen any more');
    expect((await run('freeze', host.service, ...at, '--reason', 'because')).stdout).toContain('because');
    const history = await run('history', host.service, ...at, '--target', 'homelab');
    expect(history.exitCode).toBe(0);
    expect(history.stdout).toMatch(/gone back/);
    expect(history.stdout).toContain('is frozen');
    // The repository is enough where this machine is one target of it; nothing needs a checkout.
    expect((await run('history', host.service, ...at)).stdout).toBe(history.stdout);
    expect((await run('unlock', host.service, ...at)).stdout).toBe('Nobody holds the lock.\n');
    const other = await run('history', 'another', ...at);
    expect(other).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('SERVICE_NOT_FOUND') });
  });

  it('takes nothing back for an event that may not deploy, whatever the workflow around it allows', async () => {
    const host = await createHost();
    for (const text of ['one', 'two']) {
      host.commit({
        'compose.yml': webService(host.port),
        'service.yml': webHealth(host.port),
        'html/index.html': text,
      });
      await host.deploy();
    }
    const [containers, state] = [host.containers(), filesBelow(host.folder)];
    const inputs = { service: host.service, 'state-dir': host.stateDir, secrets: 'TOKEN=canary-value\n' };
    for (const [eventName, event] of [
      ['pull_request', {}],
      ['pull_request_target', {}],
      ['workflow_run', {}],
      ['issue_comment', {}],
      ['workflow_dispatch', { repository: { fork: true } }],
    ] as const) {
      const env = { GITHUB_REPOSITORY: repositoryName };
      const refused = await runAction(action, { inputs, eventName, event, cwd: host.repository.path, env });
      expect(refused.exitCode).toBe(1);
      expect(refused.annotations.map(({ title }) => title)).toEqual(['UNTRUSTED_EVENT']);
      // Whatever follows in the job may print it.
      expect(refused.masks).toContain('canary-value');
    }
    expect(host.containers()).toEqual(containers);
    expect(filesBelow(host.folder)).toEqual(state);
    expect(await host.get()).toBe('two');
    const allowed = await runAction(action, {
      inputs,
      eventName: 'workflow_dispatch',
      cwd: host.repository.path,
    });
    expect(allowed.outputs).toMatchObject({ status: 'deployed' });
    expect(await host.get()).toBe('one');
  });
});
