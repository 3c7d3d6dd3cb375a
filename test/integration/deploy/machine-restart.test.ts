// The engine, or the whole machine, goes down in the middle of a deployment.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { remains } from '../../support/after-a-kill.ts';
import {
  createHost,
  type DeployHost,
  deploymentArguments,
  until,
  webHealth,
  webService,
} from '../../support/deploy-host.ts';
import { createMachine } from '../../support/machine.ts';
import { assertOutput } from '../../support/output-schemas.ts';
import { removeRepositories, useHermeticGit } from '../../support/repository.ts';
import { ROOT } from '../../support/source-tree.ts';
import { node24, requireTools } from '../../support/tools.ts';

const suite = requireTools('root', 'docker', 'compose', 'flock', 'dockerd', 'ip', 'unshare', 'nsenter');

suite('a machine that goes down in the middle of a deployment', () => {
  const machine = createMachine();
  let host: DeployHost;
  let turn = 0;
  useHermeticGit();

  beforeAll(async () => {
    await machine.boot();
    machine.load('launch-test/nginx:1');
    host = { ...(await createHost()), docker: machine.run.bind(undefined, 'docker') };
    release('page 0');
    expect(deploy()).toContain('"status":"deployed"');
  }, 60_000);

  afterAll(async () => {
    await machine.remove();
    removeRepositories();
  });

  function release(page: string): void {
    host.commit({
      'compose.yml': webService(
        host.port,
        `    environment: { PAGE: "${page}" }\n    stop_grace_period: 1s\n    restart: unless-stopped\n`,
      ),
      'service.yml': webHealth(host.port),
      'html/index.html': page,
    });
  }

  function deploy(): string {
    return machine.run(node24(), ...deploymentArguments(host.request({ timeoutMs: 40_000 })));
  }

  /** What is served, as soon as something is. */
  async function page(): Promise<string> {
    const end = Date.now() + 15_000;
    for (;;) {
      try {
        return machine.run(node24(), '-e', fetchPage(host.port));
      } catch (error) {
        if (Date.now() > end) throw error;
        await sleep(100);
      }
    }
  }

  /** Starts the deployment of another page; resolves when compose replaces the container. */
  async function startAnother() {
    turn += 1;
    release(`turn ${turn}`);
    const child = machine.start(node24(), ...deploymentArguments(host.request({ timeoutMs: 40_000 })));
    let output = '';
    child.stdout?.on('data', (chunk) => {
      output += chunk;
    });
    const ended = new Promise((resolve) => child.on('close', resolve));
    await until('compose to start', () => /effect \d+: run Start/.test(output));
    return { ended, output: () => output };
  }

  /** What the boot unit does. */
  async function recover(): Promise<{ readonly result: { readonly kind: string } }[]> {
    const args = ['recover', '--json', '--state-dir', host.stateDir];
    const recovered = () => {
      const stdout = machine.run(node24(), join(ROOT, 'dist/cli/index.js'), ...args);
      assertOutput(args, stdout);
      return JSON.parse(stdout).services;
    };
    try {
      return recovered();
    } catch (error) {
      // Docker 20.10 keeps a port that it was about to give to a container when the power went, and that no container
      // has. Only a restart of the engine gives it back, as the message says.
      if (!/gives it back when it is restarted/.test(String(error))) throw error;
      await machine.stopEngine('SIGTERM');
      await machine.startEngine();
      return recovered();
    }
  }

  /** The next deployment, after which nothing tells of the one before. */
  async function deploysAgain(): Promise<void> {
    release(`after ${turn}`);
    expect(deploy()).toContain('"status":"deployed"');
    expect(await page()).toBe(`after ${turn}`);
    expect(remains(host)).toEqual([]);
  }

  it.each([
    ['SIGTERM', 0],
    ['SIGTERM', 400],
    ['SIGKILL', 200],
  ] as const)(
    'goes on when the engine is restarted by %s %s ms after the start of the new release',
    async (how, after) => {
      const old = await page();
      const started = await startAnother();
      await sleep(after);
      await machine.stopEngine(how);
      await machine.startEngine();
      await started.ended;
      expect([old, `turn ${turn}`]).toContain(await page());
      await deploysAgain();
    },
    120_000,
  );

  it.each([0, 150, 440, 900])(
    'comes back after a power loss %s ms after the start of the new release',
    async (after) => {
      const old = await page();
      const started = await startAnother();
      await sleep(after);
      await machine.cutPower();
      await started.ended;
      await machine.boot();
      const report = await recover();
      for (const { result } of report) {
        expect(['undone', 'finished', 'dropped']).toContain(result.kind);
      }
      expect([old, `turn ${turn}`]).toContain(await page());
      await deploysAgain();
    },
    120_000,
  );
});

function fetchPage(port: number): string {
  const url = JSON.stringify(`http://127.0.0.1:${port}/`);
  return `fetch(${url}, { signal: AbortSignal.timeout(2000) }).then(async (it) => console.log(await it.text()))`;
}
