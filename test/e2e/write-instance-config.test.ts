// The action write-instance-config as it ships.
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createRepository, type Files, removeRepositories, temporaryFolder } from '../support/repository.ts';
import { runAction } from '../support/run-action.ts';

afterAll(removeRepositories);

const acme = { 'instance-id': 'acme', organisation: 'org_acme', environment: 'staging' };
const file = '{ "instance_id": "acme", "org_id": "org_acme", "environment": "staging", "rate_limits": {} }\n';

function checkout(files: Files = {}) {
  const repository = createRepository();
  repository.commit({ 'launch.yml': '{}\n', ...files });
  return repository.path;
}
const write = async (cwd: string, inputs: Record<string, string>) =>
  await runAction('write-instance-config', { cwd, inputs });
const refusal = (message: string) =>
  expect.objectContaining({ title: 'CONFIG_INVALID', message: expect.stringContaining(message) });

describe('the action write-instance-config', () => {
  it('writes the file that is missing, and shows it', async () => {
    const cwd = checkout();
    const run = await write(cwd, acme);
    expect(run).toMatchObject({
      exitCode: 0,
      outputs: {
        config: 'instances/acme.json',
        created: 'true',
        'instance-id': 'acme',
        environment: 'staging',
      },
    });
    expect(JSON.parse(readFileSync(join(cwd, 'instances/acme.json'), 'utf8'))).toEqual({
      instance_id: 'acme',
      org_id: 'org_acme',
      environment: 'staging',
    });
    expect(run.summary).toContain('"org_id": "org_acme"');
  });

  it('leaves one that is there as it is', async () => {
    const cwd = checkout({ 'instances/acme.json': file });
    const run = await write(cwd, { ...acme, organisation: '' });
    expect(run).toMatchObject({ exitCode: 0, outputs: { created: 'false', environment: 'staging' } });
    expect(readFileSync(join(cwd, 'instances/acme.json'), 'utf8')).toBe(file);
  });

  it.each([
    ['environment', { environment: 'production' }, 'The environment of the instance is "staging"'],
    ['organisation', { organisation: 'org_other' }, 'The organisation of the instance is "org_acme"'],
  ])('refuses another %s than the file has', async (_what, part, message) => {
    const run = await write(checkout({ 'instances/acme.json': file }), { ...acme, ...part });
    expect(run.exitCode).toBe(1);
    expect(run.annotations).toContainEqual(refusal(message));
    expect(run.outputs['environment'] ?? '').toBe('');
  });

  it('asks whose a new one is, and knows a slip of the pen', async () => {
    const run = await write(checkout({ 'instances/acme.json': file }), {
      'instance-id': 'acne',
      environment: 'staging',
    });
    expect(run.annotations).toContainEqual(
      refusal('say whose instance it is (`organisation`). Did you mean "acme"?'),
    );
  });

  it.each([
    [{ 'instance-id': '../../etc/cron.d/x' }],
    [{ 'instance-id': '../acme' }],
    [{ 'instance-id': "x'); DROP TABLE instances; --" }],
    [{ 'instance-id': 'a\n::set-output name=config::/etc/passwd' }],
    [{ 'instance-id': 'package.json' }],
    [{ 'instance-id': '/etc/hostname' }],
    [{ organisation: '$(touch pwned)' }],
    [{ organisation: '", "environment": "production' }],
    [{ environment: 'prod' }],
    [{ environment: 'staging\nproduction' }],
  ])('refuses %j and writes nothing', async (part) => {
    const cwd = checkout({ 'package.json': '{}\n' });
    const before = readdirSync(cwd, { recursive: true }).length;
    const run = await write(cwd, { ...acme, ...part });
    expect(run.exitCode).toBe(1);
    expect(run.annotations).toContainEqual(refusal(''));
    expect(readdirSync(cwd, { recursive: true })).toHaveLength(before);
    expect(run.commands.filter(({ name }) => name === 'set-output')).toEqual([]);
  });

  it('does not write through a link that leads out of the checkout', async () => {
    const outside = temporaryFolder('launch-outside-');
    const cwd = checkout();
    symlinkSync(outside, join(cwd, 'instances'));
    const run = await write(cwd, acme);
    expect(run.annotations).toContainEqual(refusal('is not in the checkout'));
    expect(existsSync(join(outside, 'acme.json'))).toBe(false);
  });
});
