import { describe, expect, it } from '@jest/globals';
import { ownToRemove, type ProjectContainer } from '../../../../src/core/deploy/ownership.ts';
import { type RemovalResult, removalSummary } from '../../../../src/core/deploy/removal-result.ts';
import { stopOrder } from '../../../../src/core/deploy/start-order.ts';

const owner = { repository: 'octo/shop', target: 'home', service: 'web' };
const context = { project: 'web', owner, state: '/state/web', known: new Set(['known']) };
const labels = (service: string) => ({
  'launch.service': service,
  'launch.target': 'home',
  'launch.repository': 'octo/shop',
});
const container = (id: string, its: Record<string, string> = {}): ProjectContainer => ({
  id,
  name: `web-${id}`,
  labels: its,
});

describe('the containers that a removal may take', () => {
  it('are the service’s own, by their labels, their record or where they were started from', () => {
    const all = [
      container('a', labels('web')),
      container('known'),
      container('c', { 'com.docker.compose.project.working_dir': '/state/web/releases/x' }),
    ];
    expect(ownToRemove(all, context)).toEqual({ own: all, takenBy: undefined });
    expect(ownToRemove([], context)).toEqual({ own: [], takenBy: undefined });
  });

  it('are none where another service of Launch has the project as a whole', () => {
    expect(ownToRemove([container('a', labels('heir'))], context)).toEqual({ own: [], takenBy: 'heir' });
  });

  it.each([
    ['one that Launch has not started', [container('x')]],
    ['one of them is not Launch’s', [container('a', labels('heir')), container('x')]],
    ['two services share it', [container('a', labels('web')), container('b', labels('heir'))]],
  ])('are refused: %s', (_title, all) => {
    expect(() => ownToRemove(all, context)).toThrow(/in use/);
  });
});

describe('stopOrder', () => {
  const of = (service: string, dependsOn = '') => ({ service, dependsOn });
  it('stops what needs others before them, and the rest together', () => {
    const groups = stopOrder([
      of('db'),
      of('web', 'api:service_started:true'),
      of('api', 'db:service_healthy:false'),
      of('cache'),
    ]);
    expect(groups.map((group) => group.map(({ service }) => service))).toEqual([
      ['web', 'cache'],
      ['api'],
      ['db'],
    ]);
    expect(stopOrder([])).toEqual([]);
  });

  it('ends also with a circle', () => {
    expect(stopOrder([of('a', 'b:x:true'), of('b', 'a:x:true')]).flat()).toHaveLength(2);
  });
});

describe('the summary of a removal', () => {
  const result: RemovalResult = {
    status: 'removed',
    service: 'web',
    target: 'home',
    release: 'r1',
    commit: '0123456789abcdef',
    containers: ['web-web-1'],
    volumes: ['web_store'],
    data: '/state/web/data',
    durationMs: 1000,
    why: undefined,
    notices: ['it was <b>'],
  };

  it('says what is gone and what is kept, and lets no foreign text be markup', () => {
    const text = removalSummary(result);
    for (const part of ['Taken down', 'web-web-1', 'web&#95;store', '/state/web/data', '0123456789ab']) {
      expect(text).toContain(part);
    }
    expect(text).not.toContain('<b>');
  });

  it('says why it was left', () => {
    expect(removalSummary({ ...result, status: 'left', why: 'no script' })).toMatch(
      /Not taken down.*no script/s,
    );
    expect(removalSummary({ ...result, status: 'absent' })).toContain('Nothing to take down');
  });
});
