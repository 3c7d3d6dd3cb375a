import { describe, expect, it } from '@jest/globals';
import type { ComposeModel } from '../../../../src/core/deploy/compose-model.ts';
import {
  assertSideBySide,
  planGenerations,
  routedService,
  type Wanted,
} from '../../../../src/core/deploy/generations.ts';

const place = { file: 'service.yml' };
const model = (services: ComposeModel['services']): ComposeModel => ({ name: 'chat', services });
const route = { host: 'chat.example.org', path: '/', port: 3000 };

describe('routedService', () => {
  const find = (services: ComposeModel['services'], stateful: string[] = [], more = {}) =>
    routedService(model(services), { route: { ...route, ...more }, stateful }, 'chat', place);

  it('is the one it names, the only one without state, the one that listens, or the namesake', () => {
    expect(find({ a: {}, b: {} }, [], { service: 'b' })).toBe('b');
    expect(find({ web: {}, db: {} }, ['db'])).toBe('web');
    expect(find({ web: { expose: ['3000'] }, worker: {} })).toBe('web');
    expect(find({ web: { ports: [{ target: 3000 }] }, worker: {} })).toBe('web');
    expect(find({ chat: {}, worker: {} })).toBe('chat');
  });

  it('says what to do where that can not be told', () => {
    expect(() => find({ web: {}, worker: {} })).toThrow(/`service` in the route/);
    expect(() => find({ web: {} }, [], { service: 'wbe' })).toThrow(/"wbe".*does not have/);
  });
});

describe('assertSideBySide', () => {
  const check = (
    services: ComposeModel['services'],
    stateful: string[] = [],
    routed: string | undefined = 'web',
  ) => assertSideBySide({ strategy: 'blue-green', model: model(services), stateful, routed, place });

  it.each([
    [
      'a fixed host port',
      { ports: [{ target: 3000, published: '8080' }] },
      /host port 8080.*Remove it from `ports`/,
    ],
    ['a fixed name', { container_name: 'chat' }, /container_name/],
    ['the network of the host', { network_mode: 'host' }, /network_mode: host/],
    ['a fixed address', { networks: { front: { ipv4_address: '10.0.0.2' } } }, /fixed address/],
  ])('refuses %s, because there will be two', (_name, web, message) => {
    expect(() => check({ web })).toThrow(message);
    // One that stays as it is may have all of that.
    expect(() => check({ web: {}, db: web }, ['db'])).not.toThrow();
  });

  it('takes a port that the engine chooses, and a volume of the container behind the route', () => {
    expect(() =>
      check({
        web: { ports: [{ target: 3000 }], volumes: [{ type: 'volume', source: 'up', target: '/up' }] },
      }),
    ).not.toThrow();
  });

  it('takes a container with a volume for a database, unless it says that it is none', () => {
    const db = { volumes: [{ type: 'volume', source: 'store', target: '/var/lib/db' }] };
    expect(() => check({ web: {}, db })).toThrow(/"db".*write to its volume \/var\/lib\/db.*`stateful`/);
    expect(() => check({ web: {}, db }, ['db'])).not.toThrow();
  });

  it('refuses to go without a route, to a stateful one, and a misspelt stateful one', () => {
    expect(() =>
      assertSideBySide({
        strategy: 'rolling',
        model: model({ web: {} }),
        stateful: [],
        routed: undefined,
        place,
      }),
    ).toThrow(/needs a route/);
    expect(() => check({ web: {} }, ['web'])).toThrow(/"web" is stateful/);
    expect(() => check({ web: {}, db: {} }, ['bd'])).toThrow(/no service "bd"/);
  });
});

describe('planGenerations', () => {
  const want = (configHash: string, more: Partial<Wanted> = {}): Wanted => ({
    configHash,
    image: 'i',
    replicas: 1,
    isStateful: false,
    ...more,
  });
  const there = (id: string, service: string, configHash: string, image = 'i') => ({
    id,
    service,
    configHash,
    image,
  });

  it('makes anew what differs in configuration or image, and leaves the rest alone', () => {
    const planned = planGenerations(
      new Map([
        ['web', want('new')],
        ['worker', want('same')],
        ['api', want('same', { image: 'j' })],
        ['db', want('new', { isStateful: true })],
        ['added', want('x', { replicas: 2 })],
      ]),
      [
        there('1', 'web', 'old'),
        there('2', 'worker', 'same'),
        there('3', 'api', 'same'),
        there('4', 'db', 'old'),
        there('5', 'dropped', 'x'),
      ],
    );
    expect([...planned.made]).toEqual([
      ['web', 1],
      ['api', 1],
      ['added', 2],
    ]);
    expect(planned.leaving).toEqual(['1', '3', '5']);
    expect(planned.outdated).toEqual(['db']);
  });

  it('makes anew what has ended, and starts again what keeps data', () => {
    const planned = planGenerations(
      new Map([
        ['web', want('same')],
        ['db', want('same', { isStateful: true })],
      ]),
      [
        { ...there('1', 'web', 'same'), hasEnded: true },
        { ...there('2', 'db', 'same'), hasEnded: true },
      ],
    );
    expect([...planned.made]).toEqual([['web', 1]]);
    expect(planned).toMatchObject({ leaving: ['1'], outdated: [], resumed: ['db'] });
  });

  it('makes all of a service anew when their number changes', () => {
    const planned = planGenerations(new Map([['web', want('same', { replicas: 3 })]]), [
      there('1', 'web', 'same'),
    ]);
    expect([...planned.made]).toEqual([['web', 3]]);
    expect(planned.leaving).toEqual(['1']);
  });
});
