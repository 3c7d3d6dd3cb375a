import { describe, expect, it } from '@jest/globals';
import { commonClaim, type PlaceClaims } from '../../../src/core/place-claims.ts';
import type { Removal } from '../../../src/core/removal.ts';
import { byHand, inTheWay, removalsSummary, routeRemovals } from '../../../src/core/removal-plan.ts';
import type { Target } from '../../../src/core/targets/target.ts';

const home: Target = {
  name: 'home',
  runsOn: ['self-hosted', 'home'],
  environment: 'home',
  secretPrefix: 'H_',
};
const gone = (service: string, more: Partial<Removal> = {}): Removal => ({
  service,
  target: home,
  driver: 'compose',
  onDelete: 'stop',
  ...more,
});
const placeTakenBy = { service: 'new', what: 'the port 8080/tcp' };

describe('the jobs of removals', () => {
  it('come before the first wave where something needs the place, and not at all where it is only reported', () => {
    const worker = { name: 'old-production', accountId: 'acc' };
    const removals = [
      gone('a'),
      gone('b', { wave: 0, placeTakenBy }),
      gone('c', { onDelete: 'report' }),
      gone('d', { driver: 'worker', worker }),
    ];
    const { matrices, beyond } = routeRemovals(removals);
    expect(matrices.first.include).toEqual([
      {
        service: 'b',
        target: 'home',
        'runs-on': ['self-hosted', 'home'],
        environment: 'home',
        driver: 'compose',
        worker: '',
        'account-id': '',
        'secret-prefix': 'H_',
        successor: 'new',
      },
    ]);
    expect(matrices.last.include).toMatchObject([
      { service: 'a' },
      { service: 'd', worker: 'old-production', 'account-id': 'acc' },
    ]);
    expect(beyond).toEqual([]);
  });

  it('are no more than GitHub makes of a matrix; a person hears of the rest', () => {
    const many = Array.from({ length: 300 }, (_, index) => gone(`s${index}`));
    const { matrices, beyond } = routeRemovals(many);
    expect(matrices.last.include).toHaveLength(256);
    expect(beyond).toHaveLength(44);
    expect(removalsSummary(beyond, [], undefined)).toContain('s299');
  });
});

describe('what people are told', () => {
  it('names what becomes of each, and the command where nothing does', () => {
    const text = removalsSummary(
      [gone('a'), gone('b', { wave: 0, placeTakenBy }), gone('c', { onDelete: 'report' })],
      [{ service: 'd', why: 'It says <b>nonsense</b>.' }],
      'octo/shop',
    );
    expect(text).toMatch(/<code>a<\/code> \| <code>home<\/code> \| taken down after the last wave/);
    expect(text).toContain('taken down first: <code>new</code> needs the port 8080/tcp');
    expect(text).toContain(`launch remove c --target home --repository octo/shop`);
    expect(text).not.toContain('<b>');
    expect(removalsSummary([], [], undefined)).toBe('');
  });

  it('warns of what stays in the way of something new', () => {
    expect(inTheWay([gone('a', { placeTakenBy }), gone('b')])).toEqual([]);
    expect(inTheWay([gone('a', { onDelete: 'report', placeTakenBy })])).toEqual([
      expect.stringMatching(/"a".*8080\/tcp on home.*"new"/),
    ]);
    const worker = { name: 'old', accountId: undefined };
    expect(byHand(gone('a', { driver: 'worker', worker }), 'octo/shop')).toBe(
      'npx wrangler delete --name old',
    );
  });
});

describe('what two services can’t both have', () => {
  const claims = (more: Partial<PlaceClaims> = {}): PlaceClaims => ({
    project: 'one',
    ports: [],
    names: [],
    route: undefined,
    ...more,
  });
  const port = (address: string | undefined, number = 80, protocol: 'tcp' | 'udp' = 'tcp') => ({
    service: 'web',
    address,
    port: number,
    protocol,
  });
  const route = { host: 'Shop.example', path: '/a/' };
  it.each([
    ['the project', claims(), claims(), 'the compose project one'],
    [
      'a port',
      claims({ ports: [port(undefined)] }),
      claims({ project: 'x', ports: [port('127.0.0.1')] }),
      'the port 80/tcp',
    ],
    [
      'another address',
      claims({ ports: [port('127.0.0.2')] }),
      claims({ project: 'x', ports: [port('127.0.0.1')] }),
      undefined,
    ],
    [
      'another protocol',
      claims({ ports: [port(undefined)] }),
      claims({ project: 'x', ports: [port(undefined, 80, 'udp')] }),
      undefined,
    ],
    ['a name', claims({ names: ['db'] }), claims({ project: 'x', names: ['db'] }), 'the container name db'],
    [
      'a route',
      claims({ route }),
      claims({ project: 'x', route: { host: 'shop.example', path: '/a' } }),
      'the route Shop.example/a',
    ],
    ['nothing', claims({ route }), claims({ project: 'x' }), undefined],
  ])('%s', (_title, one, other, what) => {
    expect(commonClaim(one, other)).toBe(what);
  });
});

it('leaves what goes elsewhere on the same runners, and says so', () => {
  const moved = gone('a', { onDelete: 'report', movedTo: 'attic' });
  expect(inTheWay([moved])).toEqual([expect.stringContaining('"a" goes to attic now')]);
  const summary = removalsSummary([moved], [], undefined);
  expect(summary).toContain('left as it is');
  expect(summary).not.toContain('launch remove');
});
