import { describe, expect, it } from '@jest/globals';
import { type Dependent, orderIntoWaves } from '../../../../src/core/routing/waves.ts';

const services = (edges: Readonly<Record<string, readonly string[]>>): Dependent[] =>
  Object.entries(edges).map(([name, dependsOn]) => ({
    name,
    dependsOn,
    file: `services/${name}/service.yml`,
  }));

describe('orderIntoWaves', () => {
  it('puts what depends on nothing into the first wave, sorted', () => {
    expect(orderIntoWaves(services({ b: [], a: [] }), ['b', 'a'])).toEqual([['a', 'b']]);
  });

  it('puts a service after everything it depends on, and no later than it must be', () => {
    const all = services({ web: ['api'], api: ['db', 'cache'], db: [], cache: [], docs: [], jobs: ['db'] });
    expect(orderIntoWaves(all, ['web', 'api', 'db', 'cache', 'docs', 'jobs'])).toEqual([
      ['cache', 'db', 'docs'],
      ['api', 'jobs'],
      ['web'],
    ]);
  });

  it('keeps the order also through a service that is not deployed, without an empty wave for it', () => {
    const all = services({ web: ['api'], api: ['db'], db: [] });
    expect(orderIntoWaves(all, ['web', 'db'])).toEqual([['db'], ['web']]);
    expect(orderIntoWaves(all, ['web', 'api'])).toEqual([['api'], ['web']]);
    expect(orderIntoWaves(all, ['web'])).toEqual([['web']]);
    expect(orderIntoWaves(all, [])).toEqual([]);
  });

  it('counts a service once that is asked for twice, or reached by two ways', () => {
    const all = services({ top: ['left', 'right'], left: ['base'], right: ['base'], base: [] });
    expect(orderIntoWaves(all, ['top', 'base', 'top', 'left', 'right'])).toEqual([
      ['base'],
      ['left', 'right'],
      ['top'],
    ]);
  });

  it.each([
    [{ a: ['a'] }, 'a → a'],
    [{ a: ['b'], b: ['a'] }, 'a → b → a'],
    [{ start: ['a'], a: ['b'], b: ['c'], c: ['a'] }, 'a → b → c → a'],
  ])('names the circle in %j', (edges, circle) => {
    const failure = () => orderIntoWaves(services(edges), []);
    expect(failure).toThrow(`depend on each other in a circle: ${circle}.`);
    expect(failure).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', place: { file: 'services/a/service.yml' } }),
    );
  });

  it('names a dependency that is no service, with the nearest name', () => {
    expect(() => orderIntoWaves(services({ web: ['postgre'], postgres: [] }), ['web'])).toThrow(
      /"web" depends on "postgre", which is no service\. \(services\/web\/service\.yml\) Did you mean "postgres"\?/,
    );
  });

  it('refuses more waves than a workflow has jobs for', () => {
    const chain = services({ a: [], b: ['a'], c: ['b'], d: ['c'], e: ['d'], f: ['e'] });
    expect(orderIntoWaves(chain, ['a', 'b', 'c', 'd', 'e'])).toHaveLength(5);
    expect(() => orderIntoWaves(chain, ['a', 'b', 'c', 'd', 'e', 'f'])).toThrow(/"f" is 6 services deep/);
  });

  it('is quick with many services and many ways', () => {
    const names = Array.from({ length: 1000 }, (_, index) => `s${index}`);
    // Each depends on up to 30 others of the layer before: without memory the ways could not be counted.
    const edges = names.map((name, index) => {
      const layer = Math.floor(index / 200);
      const before = names.slice((layer - 1) * 200, (layer - 1) * 200 + 30);
      return [name, layer === 0 ? [] : before] as const;
    });
    expect(orderIntoWaves(services(Object.fromEntries(edges)), names).map((wave) => wave.length)).toEqual([
      200, 200, 200, 200, 200,
    ]);
  });
});
