import { expect, it } from '@jest/globals';
import { imageDiffs } from '../../../../src/core/diff/image-diffs.ts';

const released = {
  api: { name: 'api:1', id: 'sha256:a' },
  db: { name: 'postgres:16', id: 'sha256:b' },
  cache: { name: 'redis:7', id: 'sha256:c' },
  old: { name: 'old:1', id: 'sha256:d' },
  built: { name: 'shop-built', id: 'sha256:e' },
};

it('tells of names that changed, and of those that stand for something else by now', () => {
  const files = new Map([
    ['api', 'api:2'],
    ['db', 'postgres:16'],
    ['cache', 'redis:7'],
    ['web', 'nginx:1'],
    ['built', undefined],
  ]);
  const here = new Map([
    ['postgres:16', 'sha256:x'],
    ['redis:7', 'sha256:c'],
  ]);
  expect(imageDiffs(released, files, here)).toEqual([
    { service: 'api', before: 'api:1', after: 'api:2', running: 'sha256:a', change: 'changed' },
    { service: 'db', before: 'postgres:16', after: 'postgres:16', running: 'sha256:b', change: 'moved' },
    { service: 'old', before: 'old:1', after: undefined, running: 'sha256:d', change: 'removed' },
    { service: 'web', before: undefined, after: 'nginx:1', running: undefined, change: 'added' },
  ]);
});

it('says nothing of what can not be known', () => {
  expect(imageDiffs({ db: released.db }, new Map([['db', 'postgres:16']]), new Map())).toEqual([]);
});

it('is not misled by names that every object has', () => {
  expect(imageDiffs({}, new Map([['constructor', 'x:1']]), new Map())).toMatchObject([
    { service: 'constructor', before: undefined, change: 'added' },
  ]);
});
