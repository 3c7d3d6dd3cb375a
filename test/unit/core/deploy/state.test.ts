import { describe, expect, it } from '@jest/globals';
import { assertNotReserved, hostPart, servicePart } from '../../../../src/core/deploy/child-env.ts';
import { planPrune } from '../../../../src/core/deploy/prune.ts';
import { isReleaseId, type Release, releaseId } from '../../../../src/core/deploy/release.ts';
import { startOrder } from '../../../../src/core/deploy/start-order.ts';
import { repositoryOf, stateFolder } from '../../../../src/core/deploy/state-layout.ts';

describe('stateFolder', () => {
  it('is owner, repository, target and service', () => {
    expect(stateFolder({ repository: 'Octo/my.shop_1', target: 'homelab', service: 'chat' })).toBe(
      'Octo/my.shop_1/homelab/chat',
    );
  });

  it.each(['../..', './x', 'a/..', 'o/-rf', 'o/a b', 'o/a\nb', 'o/é'])(
    'never leaves its root for %j',
    (repository) => {
      const parts = stateFolder({ repository, target: 't', service: 's' }).split('/');
      expect(parts).toHaveLength(4);
      for (const part of parts) expect(part).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/);
    },
  );

  it('is another one for every repository', () => {
    const folders = ['o/a b', 'o/a-b', 'o/a\tb', 'o/..', 'o/.'].map((repository) =>
      stateFolder({ repository, target: 't', service: 's' }),
    );
    expect(new Set(folders).size).toBe(folders.length);
  });
});

describe('repositoryOf', () => {
  it.each([
    ['https://github.com/octo/shop.git', 'octo/shop'],
    ['https://user@github.com/octo/shop/', 'octo/shop'],
    ['git@github.com:octo/shop.git\n', 'octo/shop'],
    ['ssh://git@example.org:22/group/sub/shop.git', 'sub/shop'],
    ['/srv/git/shop.git', 'local/folder'],
    [undefined, 'local/folder'],
  ])('of %j is %s', (remote, name) => {
    expect(repositoryOf(remote, 'folder')).toBe(name);
  });
});

describe('releaseId', () => {
  it('is the time and the commit, and never one that is taken', () => {
    const at = new Date('2026-01-02T03:04:05.678Z');
    const first = releaseId(at, 'abcdef0123456789', []);
    const second = releaseId(at, 'abcdef0123456789', [first]);
    expect([first, second]).toEqual(['20260102T030405Z-abcdef0', '20260102T030405Z-abcdef0-2']);
    expect([first, second].every(isReleaseId)).toBe(true);
    for (const other of ['..', 'current', '20260102T030405Z-abcdef0/..'])
      expect(isReleaseId(other)).toBe(false);
  });
});

describe('planPrune', () => {
  const release = (id: string, status: Release['status'], mounts: string[]): [string, Release] => [
    id,
    {
      format: 1,
      id,
      service: 's',
      target: 't',
      repository: 'o/r',
      driver: 'compose',
      status,
      ...{ commit: 'c', fingerprint: 'f', seal: 's', secretNames: [], at: '', folder: '', images: {} },
      mounts,
      containers: [],
    },
  ];
  const records = new Map([
    release('1', 'deployed', ['a']),
    release('2', 'rolled-back', ['b']),
    release('3', 'deployed', ['c']),
    release('4', 'failed', ['d']),
    release('5', 'deployed', ['c', 'e']),
  ]);
  const request = {
    releases: [...records.keys()],
    records,
    current: '5',
    previous: '3',
    mounts: ['a', 'b', 'c', 'd', 'e', 'x'],
  };

  it('keeps what serves, the one before, the newest good ones and the newest bad one', () => {
    expect(planPrune({ ...request, keep: 0 })).toEqual({ releases: ['1', '2'], mounts: ['a', 'b', 'x'] });
    expect(planPrune({ ...request, keep: 3 })).toEqual({ releases: ['2'], mounts: ['b', 'x'] });
  });

  it('keeps all mounts when it can not know what a release mounts', () => {
    const unreadable = new Map([...records].filter(([id]) => id !== '3'));
    expect(planPrune({ ...request, records: unreadable, keep: 0 }).mounts).toEqual([]);
  });
});

describe('startOrder', () => {
  it('starts dependencies first, also of several containers, and does not hang on a circle', () => {
    const it_ = (service: string, dependsOn = '') => ({ service, dependsOn });
    const all = [
      it_('web', 'db:service_healthy:false,cache:service_started:true'),
      it_('db', 'cache:x:y'),
      it_('cache'),
      it_('db', ''),
    ];
    expect(startOrder(all).map(({ service }) => service)).toEqual(['cache', 'db', 'db', 'web']);
    expect(startOrder([it_('a', 'b:x:y'), it_('b', 'a:x:y')])).toHaveLength(2);
  });
});

describe('the environment of a deployment', () => {
  it('has little of the host', () => {
    const env = {
      PATH: '/bin',
      HOME: '/h',
      LC_ALL: 'C',
      DOCKER_HOST: 'x',
      GITHUB_TOKEN: 't',
      INPUT_SECRETS: 's',
      NODE_OPTIONS: 'n',
    };
    expect(hostPart(env)).toEqual({ PATH: '/bin', HOME: '/h', LC_ALL: 'C', DOCKER_HOST: 'x' });
  });

  it('prefers secrets to the `env` input, and that to service.yml', () => {
    const values = {
      settings: { A: '1', B: '1', C: '1' },
      given: new Map([
        ['B', '2'],
        ['C', '2'],
      ]),
      secrets: new Map([['C', '3']]),
    };
    expect(servicePart(values)).toEqual({ A: '1', B: '2', C: '3' });
  });

  it('can not be used to steer the tools', () => {
    const place = { file: 'service.yml' };
    for (const name of ['PATH', 'DOCKER_HOST', 'COMPOSE_FILE', 'LAUNCH_RELEASE', 'LD_PRELOAD', 'BASH_ENV']) {
      expect(() => assertNotReserved([name], place)).toThrow(name);
    }
    expect(() => assertNotReserved(['COMPOSE_PROFILES', 'PATHS', 'TOKEN'], place)).not.toThrow();
  });
});
