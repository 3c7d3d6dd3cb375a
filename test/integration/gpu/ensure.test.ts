import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { parseNetworks } from '../../../src/core/gpu/networks.ts';
import { deletionTime, isOfRun } from '../../../src/core/gpu/tags.ts';
import { changesOf, createsOf, ensure, publicKey, startEnsure } from '../../support/gpu-suite.ts';
import { linodeForEachTest } from '../../support/linode-api/for-each-test.ts';
import { callerAddress } from '../../support/linode-api/server.ts';
import { removeRepositories, temporaryFolder } from '../../support/repository.ts';

const fake = linodeForEachTest();
afterAll(removeRepositories);

const regions = ['us-ord', 'us-sea', 'de-fra-2'];
const noRoom = (...full: string[]) => {
  for (const region of full) fake.offers.full.add(region);
};
const first = () => [...fake.instances.instances.values()][0];
const inbound = () => [...fake.firewalls.firewalls.values()].map(({ rules }) => rules.inbound[0]?.addresses);

describe('a first run', () => {
  it('makes a firewall, then the instance behind it, and waits until it runs', async () => {
    const { result, begun, reporter } = startEnsure(fake);
    expect(await result).toMatchObject({
      status: 'created',
      created: true,
      failure: undefined,
      instance: { label: 'sandbox', status: 'running', hourlyCost: 0.52, region: 'de-fra-2' },
    });
    expect(changesOf(fake)).toEqual(['POST /networking/firewalls', 'POST /linode/instances']);
    expect(inbound()).toEqual([{ ipv4: [`${callerAddress}/32`] }]);
    expect([...fake.firewalls.firewalls.values()][0]?.linodes).toEqual(new Set([first()?.id]));
    expect(createsOf(fake)).toMatchObject([
      { authorized_keys: [publicKey], interface_generation: 'legacy_config' },
    ]);
    // Known before anything was made, with the id as soon as there was one.
    expect(begun).toMatchObject([{ label: 'sandbox' }, { id: first()?.id }]);
    expect(isOfRun(first()?.tags ?? [], begun[0]?.run ?? '')).toBe(true);
    expect(reporter.text()).toContain('$0.52/h');
  });

  it('writes the time of deletion down with the instance, never early', async () => {
    const before = Date.now();
    await ensure(fake, { ttlMs: 7_200_000 });
    const time = deletionTime(first()?.tags ?? []);
    expect(time.kind === 'at' && time.ms - before).toBeGreaterThanOrEqual(7_200_000);
    expect(time.kind === 'at' && time.ms - before).toBeLessThan(7_210_000);
  });

  it('says that an instance without a time to live costs on', async () => {
    expect((await ensure(fake, { ttlMs: undefined })).notices.join()).toContain('until somebody deletes it');
  });

  it('hides the password of root and hands it to nobody', async () => {
    const { result, secrets, reporter } = startEnsure(fake);
    const shown = JSON.stringify(await result);
    const password = String(createsOf(fake)[0]?.['root_pass']);
    expect(secrets).toContain(password);
    expect([shown, reporter.text()].join()).not.toContain(password);
    await ensure(fake, { label: 'other' });
    expect(createsOf(fake)[1]?.['root_pass']).not.toBe(password);
  });
});

describe('where it is made', () => {
  it('no capacity in the first two regions: the third is used', async () => {
    noRoom('us-ord', 'us-sea');
    expect(await ensure(fake, { regions })).toMatchObject({
      status: 'created',
      instance: { region: 'de-fra-2' },
    });
    expect(createsOf(fake).map(({ region }) => region)).toEqual(regions);
  });

  it.each(['keep', 'delete'] as const)(
    'no capacity anywhere: one clear error, nothing left (%s)',
    async (onFailure) => {
      noRoom('*');
      const { result, begun } = startEnsure(fake, { regions, onFailure });
      await expect(result).rejects.toMatchObject({
        code: 'API_ERROR',
        message: expect.stringMatching(/No region has room.*us-ord.*us-sea.*de-fra-2/),
      });
      expect([fake.live(), fake.firewalls.firewalls.size, begun.at(-1)]).toEqual([[], 0, undefined]);
    },
  );

  it('a preferred type in any region comes before the next type', async () => {
    noRoom('us-ord');
    const types = ['g2-gpu-rtx4000a1-s', 'g2-gpu-rtx4000a1-m'];
    const { instance } = await ensure(fake, { regions: ['us-ord', 'us-sea'], types });
    expect(instance).toMatchObject({ type: types[0], region: 'us-sea' });
  });

  it('what is known to be sold out is not asked for; what is not known is', async () => {
    fake.offers.availability.push({ region: 'us-ord', plan: 'g2-gpu-rtx4000a1-s', available: false });
    expect(await ensure(fake, { regions })).toMatchObject({ instance: { region: 'us-sea' } });
    expect(createsOf(fake)).toHaveLength(1);
  });
});

describe('what is refused before anything is made', () => {
  it.each([
    ['a cost above the limit', { maxHourlyCost: 0.4 }, /\$0\.52\/h, more than \$0\.40\/h/],
    ['a type that is not there', { types: ['g2-gpu-rtx4000a1-x'] }, /Did you mean/],
    ['a region that is not there', { regions: ['us-ort'] }, /Did you mean "us-ord"/],
    ['a region without GPUs', { regions: ['us-east'] }, /has no GPUs/],
    ['a StackScript that is not there', { stackScript: { file: 'no/such.sh' } }, /can't be read/],
    ['an id of a StackScript that is not there', { stackScript: { id: 5 } }, /no StackScript 5/],
    ['a file of keys that is not there', { authorizedKeys: ['no.pub'] }, /can't be read/],
  ] as const)('%s', async (_what, part, message) => {
    await expect(ensure(fake, part)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(message),
    });
    expect(changesOf(fake)).toEqual([]);
  });

  it('a price of a region is that of the region', async () => {
    const part = { regions: ['br-gru'], maxHourlyCost: 0.6 };
    await expect(ensure(fake, part)).rejects.toMatchObject({ message: expect.stringContaining('$0.728/h') });
  });

  it('a time to live by a user who may not set tags', async () => {
    fake.account.profile = { ...fake.account.profile, restricted: true };
    await expect(ensure(fake)).rejects.toMatchObject({
      message: expect.stringContaining('unrestricted user'),
    });
    expect(changesOf(fake)).toEqual([]);
    // Without one it is made, without tags; and found by its label.
    expect(await ensure(fake, { ttlMs: undefined })).toMatchObject({ status: 'created' });
    expect(createsOf(fake)[0]).not.toHaveProperty('tags');
    expect(await ensure(fake, { ttlMs: undefined, types: ['g1-gpu-rtx6000-1'] })).toMatchObject({
      status: 'adopted',
    });
  });

  it('an address of this machine that can not be told', async () => {
    const hostEnv = { ...fake.env, LAUNCH_ADDRESS_URL: `${fake.url}/regions` };
    await expect(ensure(fake, { hostEnv })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('`firewall`'),
    });
    expect(changesOf(fake)).toEqual([]);
  });

  it('a token that may not know whose it is, when Linode refuses the tags; the firewall goes, too', async () => {
    fake.account.profile = { ...fake.account.profile, restricted: true };
    fake.account.closed.add('/profile');
    await expect(ensure(fake)).rejects.toMatchObject({ message: expect.stringContaining('tags') });
    expect([fake.live(), fake.firewalls.firewalls.size]).toEqual([[], 0]);
  });
});

describe('the firewall', () => {
  const only = (...networks: string[]) => ({ networks: parseNetworks(networks, 'x'), caller: false });

  it('lets this machine in beside others where that is said, and warns where it is left out', async () => {
    const others = only('198.51.100.0/24');
    const waiting = { waitFor: 'services', timeoutMs: 50 } as const;
    expect((await ensure(fake, { ...waiting, firewall: others })).notices.join()).toContain('Add "caller"');
    const both = { ...others, caller: true };
    expect((await ensure(fake, { ...waiting, firewall: both, ttlMs: 60_000 })).notices).toEqual([]);
    expect(inbound()).toEqual([{ ipv4: ['198.51.100.0/24', `${callerAddress}/32`] }]);
  });

  it('lets in what was said, and warns when that is the world', async () => {
    const firewall = only('0.0.0.0/0', '2001:db8::/32');
    expect((await ensure(fake, { firewall })).notices.join()).toContain('everybody there');
    expect(inbound()).toEqual([{ ipv4: ['0.0.0.0/0'], ipv6: ['2001:db8::/32'] }]);
  });

  it('becomes what the last run said', async () => {
    await ensure(fake);
    await ensure(fake, { firewall: only('198.51.100.0/24') });
    expect(inbound()).toEqual([{ ipv4: ['198.51.100.0/24'] }]);
    const before = fake.requests.length;
    await ensure(fake, { firewall: only('198.51.100.0/24'), ttlMs: undefined });
    expect(changesOf(fake, before)).toEqual([]);
  });

  it('of somebody else is left alone', async () => {
    const rules = { inbound: [], outbound: [], inbound_policy: 'ACCEPT', outbound_policy: 'ACCEPT' };
    fake.firewalls.add({ label: 'launch-sandbox', rules });
    await expect(ensure(fake)).rejects.toMatchObject({ message: expect.stringContaining('did not make') });
    expect(changesOf(fake)).toEqual([]);
    expect(fake.firewalls.firewalls.size).toBe(1);
  });

  it('that somebody has deleted is made again', async () => {
    await ensure(fake);
    fake.firewalls.firewalls.clear();
    await ensure(fake);
    expect([...fake.firewalls.firewalls.values()][0]?.linodes.size).toBe(1);
  });
});

describe('the StackScript', () => {
  const script = (text = '') =>
    `#!/bin/bash\n# <UDF name="model_id" label="Model" default="tiny">\n# <UDF name="hf_token_password" label="Token">\n${text}`;
  const file = (text: string) => {
    const cwd = temporaryFolder('launch-gpu-');
    writeFileSync(join(cwd, 'ai-sandbox.sh'), text);
    return {
      cwd,
      stackScript: { file: 'ai-sandbox.sh' },
      stackScriptData: new Map([['hf_token_password', 'hf_x']]),
    };
  };

  it('is made, and updated with a note when it differs; a second run changes nothing', async () => {
    await ensure(fake, file(script()));
    const [made] = fake.stackscripts.stackscripts.values();
    expect(made).toMatchObject({ label: 'launch-ai-sandbox', revisions: 1, is_public: false });
    expect(made?.rev_note).toMatch(/^Launch .*commit aaaaaaaaaaaa, sha256 [0-9a-f]{12}$/);
    expect(createsOf(fake)[0]).toMatchObject({
      stackscript_id: made?.id,
      stackscript_data: { hf_token_password: 'hf_x' },
    });
    const note = made?.rev_note;
    await ensure(fake, { ...file(script()), label: 'second' });
    expect(made?.revisions).toBe(1);
    await ensure(fake, { ...file(script('echo\n')), label: 'third' });
    expect([made?.revisions, fake.stackscripts.stackscripts.size]).toEqual([2, 1]);
    expect(made?.rev_note).not.toBe(note);
  });

  it('of somebody else is not overwritten', async () => {
    const other = fake.stackscripts.add({ label: 'launch-ai-sandbox', script: '#!/bin/bash\n' });
    await expect(ensure(fake, file(script()))).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(`(${other.id}) is not one of Launch's`),
    });
    expect(changesOf(fake)).toEqual([]);
  });

  it.each([
    ['a field that has to be given', new Map<string, string>(), /lacks "hf_token_password"/],
    ['a field that is misspelt', new Map([['model_idd', 'x']]), /Did you mean "model_id"/],
  ])('is refused before anything is made: %s', async (_what, stackScriptData, message) => {
    const part = { ...file(script()), stackScriptData };
    await expect(ensure(fake, part)).rejects.toMatchObject({ message: expect.stringMatching(message) });
    expect(fake.requests).toEqual([]);
  });

  it('a dry run shows the request without its secrets, and changes nothing', async () => {
    const { result, reporter } = startEnsure(fake, { ...file(script()), dryRun: true });
    const done = await result;
    expect(done).toMatchObject({
      status: 'planned',
      request: {
        stackscript: { label: 'launch-ai-sandbox', change: 'create' },
        firewall: { label: 'launch-sandbox' },
        instance: { root_pass: '***', stackscript_data: { hf_token_password: '***' } },
      },
    });
    expect(`${JSON.stringify(done)}${reporter.text()}`).not.toContain('hf_x');
    expect(changesOf(fake)).toEqual([]);
  });
});
