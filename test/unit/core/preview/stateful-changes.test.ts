import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { statefulChanges } from '../../../../src/core/preview/stateful-changes.ts';

const changes = (before: string, after: string, stateful: readonly string[] = []) =>
  statefulChanges(parse(before), parse(after), stateful);

const shop =
  'name: shop\nservices: { db: { image: "postgres:16", volumes: ["data:/d"] } }\nvolumes: { data: {} }';

describe('statefulChanges', () => {
  it('has nothing to say of a change of the rest', () => {
    expect(changes(shop, shop)).toEqual([]);
    expect(
      changes(
        'name: a\nservices: { web: { image: "web:1" } }',
        'name: a\nservices: { web: { image: "web:2" } }',
      ),
    ).toEqual([]);
  });

  it.each([
    ['name: shop', 'name: store', 'The compose project is called "store" and was "shop"'],
    [
      'postgres:16',
      'postgres:17',
      'The image of "db", which keeps data, changes from postgres:16 to postgres:17.',
    ],
    ['data:/d', 'data:/other', '"db" had the volume "data" at /d, and no longer has it there.'],
    ['volumes: { data: {} }', 'volumes: { data: { name: mine } }', 'The volume "data" is called "mine"'],
    ['volumes: { data: {} }', 'volumes: { fresh: {} }', 'The volume "data" is no longer used'],
  ])('tells that %s became %s', (old, fresh, told) => {
    expect(changes(shop, shop.replace(old, fresh))).toEqual([expect.stringContaining(told)]);
  });

  it('tells of anything that changes in what is called stateful', () => {
    const old = 'name: a\nservices: { queue: { image: "own/queue:1", command: x } }';
    expect(changes(old, old.replace('command: x', 'command: y'), ['queue'])).toEqual([
      'The stateful "queue" changes.',
    ]);
    expect(changes(old, old.replace(':1', ':2'), ['queue'])).toEqual([
      expect.stringContaining('changes from'),
    ]);
    expect(changes(old, 'name: a\nservices: {}', ['queue'])).toEqual([
      'The stateful "queue" is no longer part of it.',
    ]);
  });

  it('survives what no compose file holds', () => {
    expect(changes('{}', 'services: [1]')).toEqual([]);
    expect(changes('services: { a: 7 }\nvolumes: []', 'services: { a: { volumes: 3 } }')).toEqual([]);
  });
});
