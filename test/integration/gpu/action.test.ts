import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { changesOf, createsOf, publicKey } from '../../support/gpu-suite.ts';
import { linodeForEachTest } from '../../support/linode-api/for-each-test.ts';
import { sandboxKey } from '../../support/linode-api/sandbox.ts';
import { removeRepositories, temporaryFolder } from '../../support/repository.ts';
import { type ActionRun, runAction, startAction } from '../../support/run-action.ts';
import { shownLog } from '../../support/runner-masking.ts';

const name = 'linode-gpu-provision';
const fake = linodeForEachTest({ serves: true });
afterAll(removeRepositories);

const script = '#!/bin/bash\n# <UDF name="api_key_password" label="Key" default="">\n';

function usual({ inputs = {}, env = {}, ...more }: ActionRun = {}): ActionRun {
  const cwd = temporaryFolder('launch-gpu-');
  writeFileSync(join(cwd, 'ai-sandbox.sh'), script);
  return {
    cwd,
    eventName: 'workflow_dispatch',
    ...more,
    inputs: { token: fake.token, label: 'sandbox', 'authorized-keys': publicKey, ttl: '4h', ...inputs },
    env: { ...fake.env, ACTIONS_STEP_DEBUG: 'true', RUNNER_DEBUG: '1', ...env },
  };
}

async function until(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end; ) {
    if (holds()) return;
    await new Promise((done) => setTimeout(done, 10));
  }
  throw new Error('it did not come to that');
}

it('ensures, tells what it costs, and hides what is secret, also from those who debug', async () => {
  const secret = 'sk-a-key-that-is-given-0123';
  const inputs = {
    stackscript: 'ai-sandbox.sh',
    'stackscript-data': JSON.stringify({ api_key_password: secret }),
    'max-hourly-cost': '0.75',
  };
  const run = await runAction(name, usual({ inputs }));
  expect([run.stderr, run.exitCode]).toEqual(['', 0]);
  const [instance] = fake.live();
  const ipv4 = fake.instances.instances.get(instance?.id ?? 0)?.ipv4[0];
  expect(run.outputs).toEqual({
    ...{ status: 'created', id: String(instance?.id), label: 'sandbox', ipv4, region: 'de-fra-2' },
    type: 'g2-gpu-rtx4000a1-s',
    'hourly-cost': '0.52',
    created: 'true',
    ...{ 'ui-url': `http://${ipv4}:3000`, 'api-url': `http://${ipv4}:8000/v1` },
  });
  expect(run.stdout.match(/\$0\.52\/h/g)?.length).toBeGreaterThan(1);
  expect(run.summary).toContain('is made');
  expect(run.state['unfinished']).toBe('');
  const password = String(createsOf(fake)[0]?.['root_pass']);
  const seen = [
    shownLog(run.stdout),
    run.summary,
    ...Object.values(run.outputs),
    ...Object.values(run.state),
  ].join('\n');
  for (const hidden of [password, secret, fake.token]) {
    expect(run.masks).toContain(hidden);
    expect(seen).not.toContain(hidden);
  }

  const again = await runAction(name, usual({ inputs }));
  expect(again.outputs).toMatchObject({ status: 'adopted', created: 'false', id: String(instance?.id) });
  const status = await runAction(name, usual({ inputs: { operation: 'status' }, eventName: 'pull_request' }));
  expect(status.outputs).toMatchObject({ status: 'running', 'hourly-cost': '0.52' });
  const gone = await runAction(name, usual({ inputs: { operation: 'delete' } }));
  expect(gone.outputs).toMatchObject({ status: 'deleted' });
  expect([fake.live(), fake.firewalls.firewalls.size]).toEqual([[], 0]);
  expect(sandboxKey).not.toBe(secret);
});

it('a dry run and reap', async () => {
  const plan = await runAction(name, usual({ inputs: { 'dry-run': 'true' } }));
  expect(plan.outputs).toMatchObject({ status: 'planned', id: '' });
  expect(plan.summary).toContain('"root_pass": "***"');
  expect(changesOf(fake)).toEqual([]);
  fake.instances.add({ label: 'past', tags: ['launch-delete-after:20260101T000000Z'] });
  const reap = await runAction(
    name,
    usual({ inputs: { operation: 'reap', label: '' }, eventName: 'schedule' }),
  );
  expect([reap.outputs['status'], fake.live()]).toEqual(['reaped', []]);
});

it('refuses before anything is made, and says what', async () => {
  const refused = async (run: ActionRun) => {
    const { exitCode, annotations, outputs } = await runAction(name, usual(run));
    expect(outputs['id'] ?? '').toBe('');
    expect([exitCode, changesOf(fake)]).toEqual([1, []]);
    return annotations.map(({ title, message }) => `${title} ${message}`).join();
  };
  expect(await refused({ inputs: { 'max-hourly-cost': '0.10' } })).toMatch(
    /CONFIG_INVALID .*more than \$0\.10\/h/,
  );
  expect(await refused({ eventName: 'pull_request' })).toContain('UNTRUSTED_EVENT');
  expect(await refused({ inputs: { token: '' } })).toContain('SECRET_MISSING');
  expect(await refused({ inputs: { firewall: 'everybody' } })).toContain('203.0.113.0/24');
  expect(await refused({ env: { LINODE_API_URL: 'http://api.example.org/v4' } })).toContain('https://');
  const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n-----END OPENSSH PRIVATE KEY-----';
  const said = await refused({ inputs: { 'authorized-keys': key } });
  expect(said).toContain('private key');
  expect(said).not.toContain('c2VjcmV0');
  expect(await refused({ inputs: { operation: 'delete', label: '' } })).toContain('its label or its id');
});

describe('a run that is cut off', () => {
  const cutOff = async (onFailure: string | undefined, signals: readonly NodeJS.Signals[]) => {
    fake.instances.bootMs = 60_000;
    const run = usual({ inputs: onFailure === undefined ? {} : { 'on-failure': onFailure } });
    const started = startAction(name, run);
    await until(() => fake.instances.made > 0);
    for (const signal of signals) started.kill(signal);
    const main = await started.result;
    fake.instances.bootMs = 30;
    return { main, post: async () => await runAction(name, { ...run, stage: 'post', state: main.state }) };
  };

  it('by SIGKILL, with on-failure delete: the post step deletes it', async () => {
    const { main, post } = await cutOff('delete', ['SIGKILL']);
    expect(fake.live()).toHaveLength(1);
    expect(main.state['unfinished']).toContain('"label":"sandbox"');
    expect(await post()).toMatchObject({ exitCode: 0, summary: expect.stringContaining('is deleted') });
    expect([fake.live(), fake.firewalls.firewalls.size]).toEqual([[], 0]);
  });

  it('by SIGKILL, kept as nothing else is asked for: the post step says that it costs, and the next run adopts it', async () => {
    const { post } = await cutOff(undefined, ['SIGKILL']);
    const [left] = fake.live();
    expect(await post()).toMatchObject({ summary: expect.stringContaining('costs') });
    expect(await runAction(name, usual())).toMatchObject({
      outputs: { status: 'adopted', id: String(left?.id) },
    });
  });

  it('by the runner: it deletes what it made itself, and the post step is silent', async () => {
    const { main, post } = await cutOff('delete', ['SIGINT']);
    expect(main.exitCode).toBe(1);
    expect(main.annotations.map(({ title }) => title)).toContain('CANCELLED');
    expect([fake.live(), fake.firewalls.firewalls.size]).toEqual([[], 0]);
    expect(await post()).toMatchObject({ exitCode: 0, summary: '' });
  });
});
