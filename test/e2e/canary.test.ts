// Secrets of every shape, through everything that can happen to a deployment: they are found nowhere but in the
// environment of its containers. LAUNCH_CANARY=all (npm run soak:canary) adds kills at many moments.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from '@jest/globals';
import { canaryNames, dumpsOf, makeCanaries, traceFinder } from '../support/canaries.ts';
import {
  type CanaryService,
  canaryService,
  findCanaries,
  findInRun,
  given,
  latin1,
} from '../support/canary-service.ts';
import { createHost, type DeployHost, until } from '../support/deploy-host.ts';
import { deploySuite } from '../support/deploy-suite.ts';
import { temporaryFolder } from '../support/repository.ts';
import { type ActionResult, type ActionRun, runAction, startAction } from '../support/run-action.ts';
import { shownLog } from '../support/runner-masking.ts';
import { type Watched, watchHost } from '../support/watch-host.ts';

const all = process.env['LAUNCH_CANARY'] === 'all';

deploySuite('node24')('a canary in every shape', () => {
  const [old, fresh] = [makeCanaries(), makeCanaries()];
  const undeclared = makeCanaries(['PLAIN'], 'UNDECLARED_');
  const find = traceFinder(undeclared.cores);
  const cores = [...old.cores, ...fresh.cores, ...undeclared.cores];
  const scratch = temporaryFolder('launch-canary-');
  let host: DeployHost;
  let turn = 0;

  beforeAll(async () => {
    host = await createHost();
  });

  const folders = () => [scratch, host.stateDir, '/dev/shm'];
  const everywhere = (values = old.values) => ({ 'web-1': values, 'app-1': values });

  function commit(changes: CanaryService = {}): void {
    turn += 1;
    host.commit(canaryService(host.port, { page: `page ${turn}`, ...changes }));
  }

  /** As a runner with debug logging starts it. */
  function run(values = old.values, inputs: ActionRun['inputs'] = {}): ActionRun {
    return {
      inputs: {
        service: host.service,
        'state-dir': host.stateDir,
        secrets: JSON.stringify({ ...values, ...undeclared.values }),
        timeout: '8s',
        ...inputs,
      },
      cwd: host.repository.path,
      env: { RUNNER_DEBUG: '1', ACTIONS_STEP_DEBUG: 'true', ACTIONS_RUNNER_DEBUG: 'true', TMPDIR: scratch },
    };
  }

  async function watched(work: () => Promise<ActionResult>): Promise<Watched<ActionResult>> {
    const seen = await watchHost(cores, folders(), work);
    expect(seen.findings).toEqual([]);
    // That it looked at all: docker, compose and the guardian have short lives, too.
    expect(seen.processes).toBeGreaterThan(10);
    expect(seen.files).toBeGreaterThan(5);
    expect(findInRun(seen.result, cores)).toEqual([]);
    expect(findCanaries(host, cores, [scratch])).toEqual([]);
    return seen;
  }

  it('is found where it is', async () => {
    mkdirSync(join(scratch, 'self'));
    const value = old.values['QUOTES'] ?? '';
    const script = `require("node:fs").writeFileSync(process.argv[1], Buffer.from(process.argv[2]).toString("base64"));setTimeout(()=>require("node:fs").rmSync(process.argv[1]), 400)`;
    const { findings } = await watchHost(cores, [scratch], async () => {
      const { execFile } = await import('node:child_process');
      await new Promise((done) => {
        execFile(process.execPath, ['-e', script, join(scratch, 'self/file'), value], done);
      });
    });
    expect(findings.join('\n')).toMatch(/an argument of .*node/);
    expect(findings.join('\n')).toMatch(/the file .*self\/file/);
    const findOld = traceFinder(old.cores);
    for (const dump of dumpsOf(old.values)) {
      expect(findOld(latin1(dump)).length).toBeGreaterThan(0);
      expect(findOld(latin1(shownLog(dump))).length).toBeGreaterThan(0);
    }
  });

  it('arrives as it is, and is masked before anything is said', async () => {
    commit();
    const { result, programs } = await watched(async () => await runAction('compose-deploy', run()));
    expect(result).toMatchObject({ exitCode: 0, outputs: { status: 'deployed' } });
    expect(programs).toEqual(expect.arrayContaining(['docker-compose', 'bash']));
    expect(given(host)).toEqual(everywhere());
    expect(find(JSON.stringify(host.containers()))).toEqual([]);
    const lines = result.stdout.split('\n');
    const firstWord = lines.findIndex((line) => !line.startsWith('::add-mask::'));
    const masks = lines.slice(0, firstWord).join('\n');
    expect(masks.length).toBeGreaterThan(40 * 1024);
    // Whatever another step prints after it: the runner knows what to hide.
    const later = shownLog([masks, ...dumpsOf(old.values)].join('\n'));
    expect(traceFinder(old.cores)(latin1(later))).toEqual([]);
    // The hooks did print them.
    expect(result.stdout).toMatch(/^PLAIN=\*\*\*$/m);
    for (const name of canaryNames) expect(result.stdout).toContain(name);
  });

  const health = (part: string) => `{ ${part}, timeout: 3s, interval: 200ms }`;
  const failures: Record<string, () => CanaryService> = {
    'a hook prints it and fails before the start': () => ({ hook: 'exit 3' }),
    'its health check prints it and fails': () => ({
      check: 'exit 3',
      health: health('command: ./health-check.sh'),
    }),
    'a page shows it instead of what was expected': () => ({
      health: health(`http: "http://127.0.0.1:${host.port}/env", body: never`),
    }),
    "its container's own health check prints it and fails": () => ({
      web: '    healthcheck: { test: ["CMD-SHELL", "env; exit 1"], interval: 500ms, retries: 1 }\n',
    }),
    'a container prints it and ends': () => ({
      web: '    command: ["sh", "-c", "exit 3"]\n',
      health: health('tcp: "127.0.0.1:1"'),
    }),
    'compose refuses it as a port': () => ({ web: '    expose: ["${MULTI_LINE}"]\n' }),
    'compose refuses it as an image': () => ({ web: '    labels: ["x"]\n    platform: "${QUOTES}"\n' }),
  };

  it.each(Object.keys(failures))('stays hidden when %s', async (name) => {
    commit(failures[name]?.());
    const { result } = await watched(async () => await runAction('compose-deploy', run(fresh.values)));
    expect(result.exitCode).toBe(1);
    expect(result.annotations.map(({ level }) => level)).toContain('error');
    // The rotated secret went back with the release that was not healthy.
    expect(given(host)).toEqual(everywhere());
  });

  it('that was rotated is deployed, and a rollback takes the value of today', async () => {
    commit();
    const before = await watched(async () => await runAction('compose-deploy', run()));
    expect(before.result.outputs['status']).toBe('deployed');
    const again = await watched(async () => await runAction('compose-deploy', run()));
    expect(again.result.outputs['status']).toBe('unchanged');
    const rotated = await watched(async () => await runAction('compose-deploy', run(fresh.values)));
    expect(rotated.result.outputs['status']).toBe('deployed');
    expect(given(host)).toEqual(everywhere(fresh.values));
    const back = await watched(
      async () => await runAction('rollback', run(old.values, { to: before.result.outputs['release'] })),
    );
    expect(back.result.outputs['status']).toBe('deployed');
    expect(given(host)).toEqual(everywhere(old.values));
  });

  it.each(['SIGINT', 'SIGKILL'] as const)('stays hidden when the run ends by %s', async (signal) => {
    commit({ health: health(`http: "http://127.0.0.1:${host.port}/env", body: never`).replace('3s', '60s') });
    const { result } = await watched(async () => {
      const started = startAction('compose-deploy', run(fresh.values));
      await until('the release to be verified', () => started.log().includes('attempt'));
      started.kill(signal);
      return await started.result;
    });
    const post = await watched(
      async () =>
        await runAction('compose-deploy', { ...run(fresh.values), stage: 'post', state: result.state }),
    );
    expect(post.result.exitCode).toBe(0);
    expect(given(host)).toEqual(everywhere());
  });

  it(`stays hidden when everything is killed, ${all ? 'at many moments' : 'at two moments'}`, async () => {
    const moments = all ? Array.from({ length: 60 }, (_, at) => at * 100) : [900, 2500];
    for (const after of moments) {
      commit();
      await watched(async () => {
        const started = startAction('compose-deploy', run(fresh.values));
        await sleep(after);
        endGuardian();
        started.kill('SIGKILL');
        return await started.result;
      });
    }
    commit();
    const { result } = await watched(async () => await runAction('compose-deploy', run()));
    expect(result.outputs['status']).toBe('deployed');
    expect(given(host)).toEqual(everywhere());
  }, 900_000);

  /** The lock names it. */
  function endGuardian(): void {
    try {
      const { guardian } = JSON.parse(readFileSync(join(host.folder, 'lock'), 'utf8'));
      if (typeof guardian === 'number') process.kill(guardian, 'SIGKILL');
    } catch {
      // There is none yet.
    }
  }
});
