import { describe, expect, it } from '@jest/globals';
import { withImplied } from '../../../../src/core/routing/implied-order.ts';
import { orderIntoWaves } from '../../../../src/core/routing/waves.ts';

const services = (needs: Readonly<Record<string, readonly string[]>>) =>
  Object.entries(needs).map(([name, dependsOn]) => ({
    name,
    dependsOn,
    file: `services/${name}/service.yml`,
  }));
const order = (
  needs: Readonly<Record<string, readonly string[]>>,
  implied: Readonly<Record<string, readonly string[]>>,
) => orderIntoWaves(withImplied(services(needs), new Map(Object.entries(implied))), Object.keys(needs));

describe('an order that nobody has written down', () => {
  it('counts as depends-on does', () => {
    expect(order({ api: [], limiter: [], web: ['api'] }, { api: ['limiter'] })).toEqual([
      ['limiter'],
      ['api'],
      ['web'],
    ]);
  });

  it('gives way to one that is written down, and to another that came first', () => {
    expect(order({ a: ['b'], b: [] }, { b: ['a'] })).toEqual([['b'], ['a']]);
    // Two workers may bind each other.
    expect(order({ a: [], b: [] }, { a: ['b'], b: ['a'] })).toEqual([['b'], ['a']]);
    expect(order({ a: [], b: [], c: [] }, { a: ['b'], b: ['c'], c: ['a'] })).toEqual([['c'], ['b'], ['a']]);
    expect(order({ a: [] }, { a: ['a'] })).toEqual([['a']]);
  });

  it('knows nothing of what is no service', () => {
    expect(order({ a: [] }, { a: ['elsewhere'], elsewhere: ['a'] })).toEqual([['a']]);
  });
});
