import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, expect, it } from '@jest/globals';
import { confirmLabel } from '../../../src/cli/confirm-label.ts';
import { changesOf, createsOf, publicKey } from '../../support/gpu-suite.ts';
import { launch } from '../../support/launch-command.ts';
import { linodeForEachTest } from '../../support/linode-api/for-each-test.ts';
import { sandboxKey } from '../../support/linode-api/sandbox.ts';
import { removeRepositories, temporaryFolder } from '../../support/repository.ts';

const fake = linodeForEachTest({ serves: true });
afterAll(removeRepositories);

function place() {
  const cwd = temporaryFolder('launch-gpu-');
  writeFileSync(join(cwd, 'id.pub'), `${publicKey}\n`);
  writeFileSync(join(cwd, 'ai-sandbox.sh'), '#!/bin/bash\n# <UDF name="api_key_password" label="Key">\n');
  writeFileSync(join(cwd, 'data.json'), '{"api_key_password":"sk-given"}');
  writeFileSync(join(cwd, 'key'), `${sandboxKey}\n`);
  return async (...args: string[]) => await launch(['gpu', ...args], { cwd, env: fake.env });
}

it('makes, shows, checks and deletes', async () => {
  const gpu = place();
  const made = await gpu(
    ...['ensure', '--label', 'sandbox', '--ttl', '4h', '--stackscript', 'ai-sandbox.sh'],
    ...['--stackscript-data', '@data.json', '--authorized-keys', 'id.pub', '--json'],
  );
  expect([made.exitCode, made.stderr]).toEqual([0, '']);
  expect(made.json()).toMatchObject({ operation: 'ensure', status: 'created', created: true, failure: null });
  expect(createsOf(fake)).toMatchObject([
    { authorized_keys: [publicKey], stackscript_data: { api_key_password: 'sk-given' } },
  ]);
  const ipv4 = [...fake.instances.instances.values()][0]?.ipv4[0] ?? '';

  const listed = await gpu('status');
  expect(listed.stdout).toMatch(/sandbox.*running.*\$0\.52\/h/);
  const checked = await gpu('check', '--host', ipv4, '--api-key-file', 'key', '--json');
  expect([checked.exitCode, checked.json()]).toMatchObject([0, { ok: true }]);
  const closed = (await gpu('check', '--host', ipv4)).stdout;
  expect(closed).toContain('API without a key');

  expect((await gpu('status', '--json')).json()).toMatchObject({ status: 'listed' });
  expect((await gpu('status', '--label', 'sandbox', '--json')).json()).toMatchObject({ status: 'running' });
  const kept = await gpu('delete', '--label', 'sandbox');
  expect([kept.exitCode, kept.stderr]).toEqual([2, expect.stringContaining('--yes')]);
  expect((await gpu('reap', '--dry-run', '--json')).json()).toMatchObject({ status: 'nothing' });
  const plan = await gpu('delete', '--label', 'sandbox', '--dry-run', '--json');
  expect(plan.json()).toMatchObject({ status: 'planned' });
  expect((await gpu('delete', '--label', 'sandbox', '--yes')).stdout).toContain('launch-sandbox is deleted');
  expect([fake.live(), fake.firewalls.firewalls.size]).toEqual([[], 0]);
  expect((await gpu('status', '--label', 'sandbox')).exitCode).toBe(1);
});

it('takes no secret from the command line, where others can read it', async () => {
  const gpu = place();
  const given = ['--stackscript', 'ai-sandbox.sh', '--stackscript-data', 'api_key_password=sk-mine'];
  const run = await gpu('ensure', '--label', 'sandbox', ...given);
  expect(run.exitCode).toBe(2);
  expect(run.stderr).toContain('@file');
  expect(run.stderr).not.toContain('sk-mine');
  expect((await gpu('fly')).exitCode).toBe(2);
  expect((await gpu('ensure', '--label', '-x')).stderr).toContain('3 to 64');
  expect(changesOf(fake)).toEqual([]);
});

it('tells a sandbox that is not as it should be', async () => {
  const { instances } = fake.instances;
  const { id, ipv4 } = fake.instances.add({ label: 'sandbox' });
  const gpu = place();
  const host = ipv4[0] ?? '';
  instances.delete(id);
  const down = await gpu('check', '--host', host, '--json');
  expect([down.exitCode, down.json()]).toMatchObject([1, { ok: false }]);
  expect((await gpu('check', '--host', 'a b')).exitCode).toBe(2);
});

it('asks at a terminal for the label again', async () => {
  const typing = async (text: string, end = false) => {
    const input = Object.assign(new PassThrough(), { isTTY: true });
    const output = new PassThrough();
    const asked = confirmLabel('sandbox', { input, output });
    input.write(text);
    if (end) input.end();
    await asked;
    return String(output.read());
  };
  expect(await typing('sandbox\n')).toContain('Type "sandbox"');
  await expect(typing('sandbox-2\n')).rejects.toThrow('nothing has been deleted');
  await expect(typing('\n')).rejects.toThrow('nothing has been deleted');
  await expect(typing('', true)).rejects.toMatchObject({ code: 'CANCELLED' });
  const input = new PassThrough();
  await expect(confirmLabel('sandbox', { input, output: new PassThrough() })).rejects.toThrow('--yes');
});

it.each([
  [['reap', '--label', 'sandbox'], '--label'],
  [['status', '--id', '5'], '--id'],
  [['delete', '--label', 'sandbox', '--ttl', '4h'], '--ttl'],
  [['ensure', '--label', 'sandbox', '--yes'], '--yes'],
])('refuses an option that it would ignore: %p', async (args, option) => {
  const run = await place()(...args);
  expect([run.exitCode, run.stderr]).toEqual([2, expect.stringContaining(`has no option ${option}`)]);
  expect(fake.requests).toEqual([]);
});
