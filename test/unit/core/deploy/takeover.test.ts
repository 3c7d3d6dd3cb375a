import { describe, expect, it } from '@jest/globals';
import type { ComposeModel } from '../../../../src/core/deploy/compose-model.ts';
import type { FoundContainer, FoundMount } from '../../../../src/core/deploy/found-container.ts';
import { recoveryFor } from '../../../../src/core/deploy/journal.ts';
import { assertTakeable } from '../../../../src/core/deploy/ownership.ts';
import { mergeDataLinks, pairMounts } from '../../../../src/core/deploy/pair-mounts.ts';
import { differencesOf } from '../../../../src/core/deploy/takeover-differences.ts';

const state = '/state/o/r/t/s';
const found = (changes: Partial<FoundContainer> = {}): FoundContainer => ({
  id: 'c1',
  name: 's-db-1',
  service: 'db',
  running: true,
  image: 'db:1',
  imageId: 'sha256:1',
  env: new Map([
    ['PASSWORD', 'canary'],
    ['PATH', '/bin'],
  ]),
  command: null,
  restart: 'no',
  ports: ['127.0.0.1:5432->5432/tcp'],
  networks: ['s_default'],
  mounts: [],
  composeVersion: '5.0.2',
  workingFolder: '/old',
  ...changes,
});
const bind = (source: string, target: string, writable = true): FoundMount => ({
  type: 'bind',
  name: undefined,
  source,
  target,
  writable,
});
const volume = (name: string, target: string): FoundMount => ({
  type: 'volume',
  name,
  source: `/var/lib/docker/volumes/${name}/_data`,
  target,
  writable: true,
});

const model: ComposeModel = {
  name: 's',
  services: {
    db: {
      image: 'db:1',
      environment: { PASSWORD: 'canary', UNSET: null },
      ports: [{ target: 5432, published: '5432', host_ip: '127.0.0.1', protocol: 'tcp' }],
      networks: { default: null },
      volumes: [
        { type: 'bind', source: '/snapshot/services/s/data', target: '/data/' },
        { type: 'bind', source: '/etc/x', target: '/x' },
        { type: 'volume', source: 'store', target: '/store' },
      ],
      configs: [{ source: 'rules' }],
      secrets: [{ source: 'key', target: 'key.pem' }],
    },
  },
  networks: { default: { name: 's_default' } },
  volumes: { store: { name: 's_store' } },
};
const additions = {
  services: {
    db: { volumes: [{ type: 'bind', source: `${state}/data/services/s/data`, target: '/data/' }] },
  },
  configs: { rules: { file: `${state}/mounts/aaa/rules` } },
  secrets: { key: { file: `${state}/mounts/bbb/key` } },
};
const context = { model, additions, state };
const all = [
  bind('/old/data', '/data'),
  bind('/etc/x', '/x'),
  volume('s_store', '/store'),
  bind('/old/rules', '/rules', false),
  bind('/old/key', '/run/secrets/key.pem', false),
];

describe('the mounts of a container that is taken over', () => {
  it('are found for what the release mounts: data, content, configs and secrets', () => {
    expect(pairMounts(found({ mounts: all }), context)).toEqual({
      mounts: [
        { target: '/data/', from: '/old/data', place: 'data/services/s/data' },
        { from: '/old/rules', place: 'mounts/aaa/rules' },
        { from: '/old/key', place: 'mounts/bbb/key' },
      ],
      data: [{ place: 'data/services/s/data', from: '/old/data' }],
      faults: [],
    });
  });

  it.each<[string, FoundMount, RegExp | undefined]>([
    [
      'a volume in place of a folder',
      volume('v', '/data'),
      /keeps \/data in the volume v, the folder mounts a folder/,
    ],
    ['another volume', volume('v', '/store'), /in the volume v, the folder mounts the volume s_store there/],
    [
      'another folder of the host',
      bind('/etc/y', '/x'),
      /keeps \/x in \/etc\/y, the folder mounts \/etc\/x there/,
    ],
    [
      'what the folder does not mount',
      bind('/srv', '/srv'),
      /keeps \/srv in \/srv, the folder mounts nothing there/,
    ],
    ['nothing that it can write to', bind('/srv', '/srv', false), undefined],
    ['no socket', bind('/run/docker.sock', '/run/docker.sock'), undefined],
    ['no volume without a name, which compose hands on', volume('a'.repeat(64), '/cache'), undefined],
  ])('hold data that would be out of sight: %s', (_title, mount, fault) => {
    const { faults } = pairMounts(found({ mounts: [mount] }), context);
    expect(faults).toEqual(fault === undefined ? [] : [expect.stringMatching(fault)]);
  });

  it('are one folder for each place, a folder before what is below it', () => {
    const links = [
      { place: 'data/s/data/more', from: '/old/data/more' },
      { place: 'data/s/data', from: '/old/data' },
      { place: 'data/s/data', from: '/old/data' },
    ];
    expect(mergeDataLinks(links)).toEqual({ data: [links[1], links[0]], faults: [] });
    const two = [...links, { place: 'data/s/data', from: '/other' }];
    expect(mergeDataLinks(two).faults).toEqual([
      'data/s/data is /old/data and /other for different containers',
    ]);
  });
});

describe('why a container would be made anew', () => {
  const image = { id: 'sha256:1', env: new Map([['PATH', '/bin']]) };
  const of = (changes: Partial<FoundContainer>, now = image) =>
    differencesOf(found({ mounts: all, ...changes }), model, now);

  it.each<[Partial<FoundContainer>, string]>([
    [{ image: 'db:2' }, 's-db-1 runs db:2, not db:1'],
    [{ env: new Map([['PASSWORD', 'other-canary']]) }, 's-db-1 has other values of PASSWORD'],
    [
      {
        env: new Map([
          ['PASSWORD', 'canary'],
          ['MORE', 'canary'],
        ]),
      },
      's-db-1 has variables of its own: MORE',
    ],
    [
      { restart: 'always' },
      's-db-1 is not what compose makes of the folder now; it was made by compose 5.0.2',
    ],
    [{ ports: [] }, 's-db-1 publishes nothing, not 127.0.0.1:5432->5432/tcp'],
    [{ networks: ['s_back'] }, 's-db-1 is in the networks s_back, not s_default'],
    [
      { mounts: all.slice(1) },
      's-db-1 mounts /rules, /run/secrets/key.pem, /store, /x, not /data, /rules, /run/secrets/key.pem, /store, /x',
    ],
    [{ composeVersion: '' }, 's-db-1 is not what compose makes of the folder now; it was made by compose'],
  ])('%j', (changes, reason) => {
    expect(of(changes)).toEqual([reason]);
    expect(of(changes).join()).not.toContain('canary');
  });

  it('is that its image is another one now, or gone', () => {
    expect(of({}, { ...image, id: 'sha256:2' })).toEqual(['s-db-1 runs another image than db:1 is now']);
    expect(differencesOf(found({ mounts: all }), model, { id: undefined, env: new Map() })).toEqual([
      's-db-1 runs an image that db:1 does not stand for here any more',
    ]);
  });

  it('is a command or restart policy, where the file names one', () => {
    const other: ComposeModel = {
      ...model,
      services: { db: { ...model.services['db'], command: ['serve'], restart: 'always' } },
    };
    expect(differencesOf(found({ mounts: all }), other, image)).toEqual([
      's-db-1 runs another command',
      's-db-1 has the restart policy "no", not "always"',
    ]);
  });
});

describe('a project', () => {
  const owner = { repository: 'octo/shop', target: 'home', service: 's' };
  const context = { project: 's', owner, state, known: new Set<string>(), others: ['a', 'b'] };
  const labels = { 'launch.service': 's', 'launch.target': 'home', 'launch.repository': 'octo/shop' };
  const container = (id: string, own: Record<string, string> = {}, running = true) => ({
    id,
    name: `s-${id}-1`,
    labels: own,
    running,
  });

  it("is taken over when some of it is nobody's and something runs", () => {
    expect(() => assertTakeable([container('web')], context)).not.toThrow();
    expect(() => assertTakeable([container('web'), container('db', labels)], context)).not.toThrow();
  });

  it.each<[string, Parameters<typeof assertTakeable>[0], RegExp]>([
    ['nothing is there', [], /Nothing runs in the compose project "s".*these run here: a, b/],
    ['nothing of it runs', [container('web', {}, false)], /Nothing runs/],
    ["it is Launch's already", [container('web', labels)], /of Launch already/],
    [
      'it is another service',
      [container('web', { ...labels, 'launch.repository': 'octo/x' })],
      /belongs to the service s of octo\/x.* is not taken over\. Give this service another project/,
    ],
  ])('is not when %s', (_title, containers, message) => {
    expect(() => assertTakeable(containers, context)).toThrow(message);
  });

  it('is not when its containers are known as those of the current release', () => {
    expect(() => assertTakeable([container('web')], { ...context, known: new Set(['web']) })).toThrow(
      'of Launch already',
    );
  });
});

describe('an adoption that was cut off', () => {
  it('is dropped before it is noted as taken over, and finished after', () => {
    const entry = { at: '', release: 'r1' };
    expect(recoveryFor([{ ...entry, step: 'snapshot' }])).toEqual({ kind: 'discard', release: 'r1' });
    const adopted = { ...entry, step: 'adopted' as const, project: 's' };
    expect(recoveryFor([{ ...entry, step: 'snapshot' }, adopted])).toEqual({
      kind: 'finish',
      start: adopted,
    });
  });
});
