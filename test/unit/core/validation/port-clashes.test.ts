import { describe, expect, it } from '@jest/globals';
import { type PortUse, portClashes } from '../../../../src/core/validation/port-clashes.ts';

function use(owner: string, setting: Partial<PortUse> = {}): PortUse {
  return {
    owner,
    service: 'app',
    file: `services/${owner}/compose.yml`,
    address: undefined,
    port: 80,
    protocol: 'tcp',
    line: 4,
    column: 7,
    targets: ['homelab'],
    optional: false,
    ...setting,
  };
}

const both = new Set(['a', 'b']);

describe('addresses', () => {
  it.each([
    [undefined, undefined, true],
    [undefined, '127.0.0.1', true],
    [undefined, '[::1]', true],
    ['0.0.0.0', '127.0.0.1', true],
    ['127.0.0.1', '127.0.0.1', true],
    ['localhost', '127.0.0.1', true],
    ['127.0.0.1', '127.0.0.2', false],
    ['192.0.2.1', '127.0.0.1', false],
    ['0.0.0.0', '[::1]', false],
    ['::', '127.0.0.1', false],
    ['[::]', '::1', true],
    ['[0:0:0:0:0:0:0:0]', '[::]', true],
    ['[::1]', '::1', true],
  ])('%s and %s', (one, other, clash) => {
    expect(portClashes([use('a', { address: one }), use('b', { address: other })], both)).toHaveLength(
      clash ? 1 : 0,
    );
    expect(portClashes([use('b', { address: other }), use('a', { address: one })], both)).toHaveLength(
      clash ? 1 : 0,
    );
  });
});

it('names the other place, and shows the problem at a selected service', () => {
  const uses = [use('a', { line: 3 }), use('b', { line: 9 })];
  const [problem] = portClashes(uses, new Set(['a']));
  expect(problem).toMatchObject({
    service: 'a',
    place: { file: 'services/a/compose.yml', line: 3, column: 7 },
  });
  expect(problem?.message).toContain('services/b/compose.yml:9');
  expect(portClashes(uses, new Set())).toEqual([]);
});

it('needs a target in common, and the same protocol', () => {
  expect(portClashes([use('a'), use('b', { targets: ['aws'] })], both)).toEqual([]);
  expect(portClashes([use('a'), use('b', { targets: [] })], both)).toEqual([]);
  expect(portClashes([use('a'), use('b', { protocol: 'udp' })], both)).toEqual([]);
  expect(portClashes([use('a'), use('b', { targets: ['aws', 'homelab'] })], both)[0]?.message).toContain(
    'on homelab',
  );
});

it('tells two overlapping ranges once', () => {
  const range = (owner: string): PortUse[] =>
    Array.from({ length: 500 }, (_, i) => use(owner, { port: 8000 + i }));
  expect(portClashes([...range('a'), ...range('b')], both)).toHaveLength(1);
});

it('leaves containers with profiles of one service alone', () => {
  const uses = [use('a', { service: 'one', line: 3 }), use('a', { service: 'two', line: 5, optional: true })];
  expect(portClashes(uses, both)).toEqual([]);
  expect(
    portClashes([use('a', { service: 'one', line: 3 }), use('a', { service: 'two', line: 5 })], both),
  ).toHaveLength(1);
});

it('takes time for thousands of services that all publish one port', () => {
  const many = Array.from({ length: 1000 }, (_, i) => use(`s${i}`, { targets: [`t${i}`] }));
  expect(portClashes(many, new Set(many.map(({ owner }) => owner)))).toEqual([]);
});
