// A GPU instance by the form of the workflow, and by the schedule that deletes it, under act.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, jest } from '@jest/globals';
import { type ActResult, failureOf, forAct } from '../support/act.ts';
import { type FakeLinode, startFakeLinode } from '../support/linode-api/server.ts';
import { removeRepositories } from '../support/repository.ts';
import { openShop, type Shop, starter } from '../support/shop.ts';
import { ROOT } from '../support/source-tree.ts';
import { requireTools } from '../support/tools.ts';
import { jobsOf, stepOf } from '../support/worker-shop.ts';

jest.setTimeout(180_000);

const suite = requireTools('act', 'node24');
const provision = 'launch-provision-gpu.yml';
const reap = 'launch-reap-gpu.yml';
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIF/sV2JfW6lSYYuexIJ5biG9/Gzuox6zDv+PCVGmbkvq me';
const secret = 'hf_0123456789abcdefghij';

suite('a GPU instance, by its workflows', () => {
  let fake: FakeLinode;
  let shop: Shop;

  beforeAll(async () => {
    fake = await startFakeLinode({ bootMs: 100 });
    // The second calls no workflow of Launch's, and has what act does not know in itself.
    const reaper = forAct(readFileSync(join(ROOT, 'workflows', reap), 'utf8'));
    shop = openShop(() => ({ ...starter(provision), [`.github/workflows/${reap}`]: reaper }));
    shop.land({});
  });
  afterEach(() => {
    expect(fake.refused).toEqual([]);
  });
  afterAll(async () => {
    await fake.close();
    removeRepositories();
  });

  const start = async (workflow: string, inputs: Record<string, string>) =>
    await shop.dispatch(workflow, inputs, {
      env: { LINODE_API_URL: fake.url, LAUNCH_ADDRESS_URL: fake.addressUrl, LAUNCH_GPU_POLL: '50ms' },
      secrets: { LINODE_TOKEN: fake.token, STACKSCRIPT_DATA: `hf_token_password=${secret}\n` },
    });
  const form = (inputs: Record<string, string>) => ({
    operation: 'ensure',
    label: 'sandbox',
    firewall: '198.51.100.7/32',
    'authorized-keys': key,
    ttl: '4h',
    types: '',
    regions: '',
    'max-hourly-cost': '1',
    'dry-run': 'false',
    'stackscript-data': 'max_model_len=4096',
    ...inputs,
  });
  const jobs = (run: ActResult) => jobsOf(run).map((job) => job.replace(' -', ''));

  it('is not made where nobody could reach it', async () => {
    const run = await start(provision, form({ firewall: '' }));
    expect(jobs(run)).toEqual(['gpu: failure']);
    expect(stepOf(run, 'Assert that somebody may reach it')).toBe('failure');
    expect(fake.requests).toEqual([]);
  });

  it('is made from the form, with the script of Launch itself, a firewall and a time to live', async () => {
    const run = await start(provision, form({}));
    expect(failureOf(run)).toBe('');
    expect(jobs(run)).toEqual(['gpu: success']);
    const [instance] = fake.live();
    expect(instance?.label).toBe('sandbox');
    expect(instance?.tags.join()).toContain('launch-delete-after:');
    const [script] = [...fake.stackscripts.stackscripts.values()];
    expect(script?.script).toBe(readFileSync(join(ROOT, 'stackscripts/ai-sandbox.sh'), 'utf8'));
    const made = fake.requests.find(
      ({ method, path }) => method === 'POST' && path === '/linode/instances',
    )?.body;
    expect(made).toMatchObject({
      stackscript_data: { max_model_len: '4096', hf_token_password: secret },
      authorized_keys: [key],
    });
    expect(run.log.replace(/::add-mask::.*/g, '')).not.toMatch(new RegExp(`${fake.token}|${secret}`));
  });

  it('is left by the schedule until its time is over, and then deleted', async () => {
    const early = await start(reap, { 'dry-run': 'false' });
    expect(failureOf(early)).toBe('');
    expect(jobs(early)).toEqual(['reap: success']);
    expect(fake.live()).toHaveLength(1);
    for (const instance of fake.instances.instances.values()) {
      instance.tags = ['launch', 'launch-delete-after:20200101T000000Z'];
    }
    const listed = await start(reap, { 'dry-run': 'true' });
    expect(jobs(listed)).toEqual(['reap: success']);
    expect(fake.live()).toHaveLength(1);
    await start(reap, { 'dry-run': 'false' });
    expect(fake.live()).toEqual([]);
    expect([...fake.firewalls.firewalls.values()]).toEqual([]);
  });
});
