import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from '@jest/globals';
import { recoverHost } from '../../../src/operations/recover-host.ts';
import { remains } from '../../support/after-a-kill.ts';
import { createHost, type DeployHost, startDeployment, webHealth } from '../../support/deploy-host.ts';
import { deploySuite } from '../../support/deploy-suite.ts';
import { adopting, oldProject } from '../../support/old-project.ts';
import { recordingReporter } from '../../support/recording-reporter.ts';

deploySuite()('an adoption that is killed before each of its effects', () => {
  let host: DeployHost;
  let effects: string[];
  let before: ReturnType<DeployHost['containers']>;

  /** As if nobody had tried it before. */
  const kill = async (killAt: number) => {
    rmSync(host.stateDir, { recursive: true, force: true });
    const killed = startDeployment(host.request(), { adopt: true, killAt });
    await killed.ended;
    return killed.output();
  };

  beforeAll(async () => {
    host = await createHost();
    host.commit({
      'compose.yml': `services:
  web:
    image: launch-test/nginx:1
    ports: ["127.0.0.1:${host.port}:80"]
    volumes: ["./html:/usr/share/nginx/html:ro", "./data:/data", "./data/more:/more"]
    stop_grace_period: 1s
`,
      'service.yml': webHealth(host.port),
      'html/index.html': 'page',
    });
    oldProject(host).up();
    host.docker('exec', `${host.service}-web-1`, 'sh', '-c', 'echo kept >/data/file');
    before = host.containers();
    const whole = startDeployment(host.request(), { adopt: true, killAt: -1 });
    await whole.ended;
    effects = Array.from(whole.output().matchAll(/^effect \d+: (.*)$/gm), ([, name = '']) => name);
  });

  it('has effects to be killed before', () => {
    expect(effects).toEqual(
      expect.arrayContaining(['journal snapshot', 'journal adopted', 'link data', 'set current']),
    );
  });

  it('is dropped or finished by recover, and nothing that runs is touched', async () => {
    const adopted = effects.indexOf('journal adopted');
    for (const [at, effect] of effects.entries()) {
      const output = await kill(at + 1);
      expect(output).toMatch(new RegExp(`effect ${at + 1}: [^\n]*\n$`));
      await recoverHost({ stateDir: host.stateDir, by: 'boot', hostEnv: process.env }, recordingReporter());
      const isDone = existsSync(join(host.folder, 'current'));
      expect({ effect, isDone }).toEqual({ effect, isDone: at > adopted });
      // What has to be done by hand is what had to be done before.
      if (!isDone) {
        expect(existsSync(join(host.folder, 'data/services'))).toBe(false);
        await adopting(host).adopt();
      }
      expect((await host.deploy()).status).toBe('unchanged');
      expect(host.containers()).toEqual(before);
      expect(remains(host)).toEqual([]);
    }
  }, 180_000);

  it('is finished by the next deployment once it was noted as taken over', async () => {
    const at = effects.indexOf('journal adopted') + 1;
    await kill(at);
    await expect(host.deploy()).rejects.toThrow('launch adopt');
    await kill(at + 1);
    // Whoever tries it again has it.
    expect(await adopting(host).adopt()).toMatchObject({
      status: 'adopted',
      differs: [],
      unchanged: ['web'],
    });
    await kill(at + 1);
    expect((await host.deploy()).status).toBe('unchanged');
    host.commit({ 'html/index.html': 'next' });
    expect((await host.deploy()).status).toBe('deployed');
    expect(await host.get()).toBe('next');
    expect(host.docker('exec', `${host.service}-web-1`, 'cat', '/data/file')).toBe('kept');
  });
});
