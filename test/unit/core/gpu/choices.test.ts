import { describe, expect, it } from '@jest/globals';
import { choosePlaces, type Offers, passedText } from '../../../../src/core/gpu/choose-place.ts';
import { createBody, withoutSecrets } from '../../../../src/core/gpu/create-body.ts';
import { bootProgress } from '../../../../src/core/gpu/events.ts';
import { unfitness } from '../../../../src/core/gpu/fit.ts';
import { isGoing } from '../../../../src/core/gpu/instance.ts';
import { formatCost, formatHourly } from '../../../../src/core/gpu/offer.ts';
import { plainResult, showInstance } from '../../../../src/core/gpu/result.ts';
import { completionIn, firstModel, sandboxState } from '../../../../src/core/gpu/sandbox.ts';
import { type GivenGpuSettings, readGpuSettings } from '../../../../src/core/gpu/settings.ts';
import { cutOffGpuSummary, gpuSummary } from '../../../../src/core/gpu/summary.ts';
import {
  deletionTag,
  deletionTime,
  hasLaunchTag,
  isOfRun,
  runTag,
  withDeletionTime,
} from '../../../../src/core/gpu/tags.ts';
import { formatDistance, parseTimeToLive } from '../../../../src/core/gpu/time-to-live.ts';

const type = (id: string, hourly: number | null, regionHourly: Record<string, number | null> = {}) => ({
  id,
  label: id,
  class: 'gpu',
  gpus: 1,
  hourly,
  regionHourly: new Map(Object.entries(regionHourly)),
});
const region = (id: string, capabilities = ['GPU Linodes'], isOk = true) => ({
  id,
  label: id,
  capabilities,
  isOk,
});
const offers: Offers = {
  types: [type('small', 0.5, { dear: 0.9 }), type('big', 1), type('unpriced', null)],
  regions: [
    region('one'),
    region('dear'),
    region('two'),
    region('none', []),
    region('out', ['GPU Linodes'], false),
  ],
  availability: [],
};
const wishes = { types: ['small'], regions: undefined, maxHourlyCost: undefined };

describe('the places to try', () => {
  const names = (part: Partial<Parameters<typeof choosePlaces>[1]>, more: Partial<Offers> = {}) =>
    choosePlaces({ ...offers, ...more }, { ...wishes, ...part }).places.map(
      (it) => `${it.type} ${it.region}`,
    );

  it('are the cheapest first, unless regions are named', () => {
    expect(names({})).toEqual(['small one', 'small two', 'small dear']);
    expect(names({ regions: ['two', 'one'] })).toEqual(['small two', 'small one']);
    expect(names({ types: ['big', 'small'], regions: ['two', 'one'] })).toEqual([
      'big two',
      'big one',
      'small two',
      'small one',
    ]);
  });

  it('are not those that are known to be sold out, without GPUs, or down', () => {
    const availability = [
      { region: 'one', type: 'small', available: false },
      { region: 'two', type: 'small', available: true },
      { region: 'two', type: 'other', available: false },
    ];
    expect(names({}, { availability })).toEqual(['small two', 'small dear']);
    const { passed } = choosePlaces(
      { ...offers, availability },
      { ...wishes, regions: ['one', 'none', 'out', 'two'] },
    );
    expect(passedText(passed)).toBe(
      'small in one is sold out; small in none has no GPUs; small in out has an outage',
    );
  });

  it('cost no more than they may; without a price none does', () => {
    expect(names({ maxHourlyCost: 0.5 })).toEqual(['small one', 'small two']);
    expect(() => names({ maxHourlyCost: 0.49 })).toThrow('allow a higher hourly cost');
    expect(() => names({ types: ['unpriced'], maxHourlyCost: 9 })).toThrow('not published');
    expect(names({ types: ['unpriced'], regions: ['one'] })).toEqual(['unpriced one']);
  });
});

describe('tags', () => {
  const at = Date.UTC(2026, 10, 21, 15, 30);
  it('hold the deletion time, never early', () => {
    expect(deletionTag(at)).toBe('launch-delete-after:20261121T153000Z');
    expect(deletionTag(at + 1)).toBe('launch-delete-after:20261121T153001Z');
    expect(deletionTag(at).length).toBeLessThanOrEqual(50);
    expect(deletionTime([deletionTag(at), 'x'])).toEqual({ kind: 'at', ms: at });
    expect(deletionTime([deletionTag(at), deletionTag(at + 5000)])).toEqual({ kind: 'at', ms: at + 5000 });
    expect(withDeletionTime(['a', deletionTag(at)], at + 1000)).toEqual(['a', deletionTag(at + 1000)]);
  });

  it.each([
    '',
    'never',
    '20261121',
    '20260231T000000Z',
    '20261121T253000Z',
    '2026-11-21T15:30:00Z',
    '20261121T153000Z ',
  ])('with %j hold none that could be read, and nothing is deleted by them', (text) => {
    const tag = `launch-delete-after:${text}`;
    expect(deletionTime([deletionTag(0), tag])).toEqual({ kind: 'unreadable', tag });
  });

  it('tell whose an instance is', () => {
    expect(deletionTime(['launch'])).toEqual({ kind: 'none' });
    expect([isOfRun([runTag('a')], 'a'), isOfRun([runTag('a')], 'b')]).toEqual([true, false]);
    expect([['launch'], [runTag('a')], [deletionTag(0)]].map(hasLaunchTag)).toEqual([true, true, true]);
    expect(hasLaunchTag(['launched', 'my-launch'])).toBe(false);
  });

  it.each([
    ['90m', 5_400_000],
    ['4h', 14_400_000],
    ['3d', 259_200_000],
    ['90d', 7_776_000_000],
    ['0m', undefined],
    ['91d', undefined],
    ['4', undefined],
    ['1.5h', undefined],
  ])('%s is a time to live of %s ms', (text, ms) => expect(parseTimeToLive(text)).toBe(ms));

  it('a distance is told in words', () => {
    expect([12_000_000, -90_000, 1000, 180_000_000].map(formatDistance)).toEqual([
      'in 3 h 20 min',
      '2 min ago',
      'in less than a minute',
      'in 2 d 2 h',
    ]);
  });
});

describe('events', () => {
  const event = (id: number, action: string, status: string, message?: string) => ({
    id,
    action,
    status,
    message,
    percent: 5,
  });
  it.each([
    ['nothing', [], 'waiting', 'nothing is known'],
    ['a create', [event(1, 'linode_create', 'started')], 'waiting', 'linode_create started, 5 %'],
    [
      'a failed create',
      [event(1, 'linode_create', 'failed', 'No disk')],
      'failed',
      'linode_create failed: No disk',
    ],
    [
      'a boot',
      [event(1, 'linode_create', 'finished'), event(2, 'linode_boot', 'finished')],
      'booted',
      undefined,
    ],
    ['a canceled boot', [event(2, 'linode_boot', 'canceled')], 'failed', 'linode_boot canceled'],
    [
      'a boot that was tried again',
      [event(2, 'linode_boot', 'failed'), event(3, 'linode_boot', 'scheduled')],
      'waiting',
      'scheduled',
    ],
    ['something else', [event(9, 'linode_snapshot', 'failed')], 'waiting', 'nothing is known'],
  ] as const)('%s', (_what, events, state, told) => {
    const progress = bootProgress(events);
    expect(progress.state).toBe(state);
    if (told !== undefined) expect('told' in progress && progress.told).toContain(told);
  });
});

const instance = {
  ...{
    id: 1,
    label: 'sandbox',
    status: 'running',
    type: 'small',
    region: 'dear',
    image: 'linode/ubuntu24.04',
  },
  ipv4: '203.0.113.9',
  tags: [deletionTag(7_200_000)],
  createdAt: 0,
};

it('an instance fits or not', () => {
  const wished = { types: ['small'], regions: undefined, image: 'linode/ubuntu24.04' };
  expect(unfitness(instance, wished)).toEqual([]);
  expect(unfitness(instance, { types: ['big'], regions: ['one'], image: 'x/y' })).toHaveLength(3);
  expect(isGoing({ status: 'deleting' })).toBe(true);
});

it('what is shown holds price, cost so far and deletion time', () => {
  const shown = showInstance(instance, offers.types, 3_600_001);
  expect(shown).toMatchObject({ hourlyCost: 0.9, costSoFar: 1.8, deleteAfter: '1970-01-01T02:00:00Z' });
  expect(shown.uiUrl).toBe('http://203.0.113.9:3000');
  expect([formatHourly(0.728), formatHourly(undefined), formatCost(12.481)]).toEqual([
    '$0.728/h',
    'a price that is not published',
    '$12.48',
  ]);
  const summary = gpuSummary(
    plainResult('ensure', 'created', { instance: shown, durationMs: 5, notices: ['<b>'] }),
  );
  expect(summary).toContain('203.0.113.9');
  expect(summary).not.toContain('<b>');
  expect(gpuSummary(plainResult('reap', 'nothing', { durationMs: 5 }))).toContain('nothing is past');
  expect(cutOffGpuSummary('x', 'It is gone.')).toContain('cut off');
});

it('the request for people holds no secret', () => {
  const body = createBody(
    {
      ...{
        label: 'x',
        image: 'i',
        rootPassword: 'pw-1',
        authorizedKeys: [],
        tags: [],
        firewallId: 7,
        stackScriptId: 8,
      },
      stackScriptData: new Map([
        ['api_key_password', 'pw-2'],
        ['model_id', 'm'],
        ['admin_password', ''],
      ]),
    },
    { type: 'small', region: 'one' },
  );
  expect(body).toMatchObject({ root_pass: 'pw-1', firewall_id: 7, interface_generation: 'legacy_config' });
  expect(body).not.toHaveProperty('tags');
  const shown = withoutSecrets(body);
  expect(shown).toMatchObject({
    stackscript_data: { api_key_password: '***', model_id: 'm', admin_password: '' },
  });
  expect(JSON.stringify(shown)).not.toMatch(/pw-/);
});

describe('a sandbox', () => {
  const answer = (status: number, body = '') => ({ kind: 'answer', status, body }) as const;
  it('is up when both answer, and open when no key is asked for', () => {
    expect(sandboxState(answer(200), answer(401))).toEqual({ state: 'up', isOpen: false });
    expect(sandboxState(answer(200), answer(200))).toEqual({ state: 'up', isOpen: true });
    expect(sandboxState({ kind: 'none', why: 'ECONNREFUSED' }, answer(502))).toEqual({
      state: 'waiting',
      told: 'chat: ECONNREFUSED; API: status 502',
    });
  });

  it('lists models and completes', () => {
    expect([firstModel('{"data":[{"id":"m"}]}'), firstModel('{"data":[]}'), firstModel('<')]).toEqual([
      'm',
      undefined,
      undefined,
    ]);
    expect(completionIn('{"choices":[{"message":{"content":"hi"}}]}')).toBe('hi');
    expect(completionIn('{"choices":[]}')).toBeUndefined();
  });
});

describe('settings', () => {
  const given: GivenGpuSettings = {
    label: 'sandbox',
    types: undefined,
    regions: undefined,
    image: undefined,
    stackScript: undefined,
    ...{
      stackScriptData: new Map(),
      authorizedKeys: [],
      firewall: undefined,
      tags: undefined,
      ttl: undefined,
    },
    maxHourlyCost: undefined,
    waitFor: undefined,
    timeoutMs: 1,
    onFailure: 'keep',
  };
  const read = (part: Partial<GivenGpuSettings>) => readGpuSettings({ ...given, ...part }, (input) => input);

  it('let this machine in unless others alone are named', () => {
    expect(read({}).firewall).toEqual({ networks: { ipv4: [], ipv6: [] }, caller: true });
    expect(read({ firewall: ['caller', '203.0.113.7'] }).firewall).toEqual({
      networks: { ipv4: ['203.0.113.7/32'], ipv6: [] },
      caller: true,
    });
    expect(read({ firewall: ['203.0.113.7'] }).firewall.caller).toBe(false);
  });

  it('have defaults', () => {
    expect(read({})).toMatchObject({
      types: ['g2-gpu-rtx4000a1-s', 'g2-gpu-rtx4000a1-m'],
      waitFor: 'running',
      ttlMs: undefined,
    });
    expect(read({ stackScript: '123' })).toMatchObject({ stackScript: { id: 123 }, waitFor: 'services' });
    expect(read({ stackScript: 'a.sh', ttl: '4h', maxHourlyCost: '0.75' })).toMatchObject({
      ...{ stackScript: { file: 'a.sh' }, ttlMs: 14_400_000, maxHourlyCost: 0.75 },
    });
  });

  it.each([
    [{ label: undefined }, 'label is ""'],
    [{ types: ['A B'] }, 'types is "A B"'],
    [{ regions: ['../x'] }, 'regions is'],
    [{ image: 'ubuntu' }, 'image is "ubuntu"'],
    [{ image: 'private/1', stackScript: 'x' }, 'takes no StackScript'],
    [{ stackScriptData: new Map([['a', 'b']]) }, 'without a StackScript'],
    [{ ttl: '4' }, 'ttl is "4"'],
    [{ maxHourlyCost: '-1' }, 'max-hourly-cost is "-1"'],
    [{ maxHourlyCost: '1e9' }, 'US dollars'],
    [{ tags: ['launch-delete-after:1'] }, 'set by Launch itself'],
    [{ tags: ['ab'] }, '3 to 50'],
    [{ firewall: ['x'] }, 'firewall names "x"'],
  ])('%j are refused', (part, said) => {
    expect(() => read(part)).toThrow(said);
  });
});
