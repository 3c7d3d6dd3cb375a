import { expect, it } from '@jest/globals';
import { suggestName, wrongName } from '../../../../src/core/scaffold/service-name.ts';

it.each([
  ['website', 'website'],
  ['My Website', 'my-website'],
  ['ÄrgerLäuft_2', 'arger-lauft-2'],
  ['../../etc', 'etc'],
  ["x'); DROP TABLE", 'x-drop-table'],
  ['::set-output', 'set-output'],
  ['-a-', 'a'],
  [`${'a'.repeat(62)}-b`, 'a'.repeat(62)],
  ['日本', undefined],
  ['', undefined],
])('%j could be called %j', (typed, name) => {
  expect(suggestName(typed)).toBe(name);
  if (typed !== name) expect(wrongName(typed)).toMatch(/^A name has 1 to 63/);
  if (name !== undefined) expect(wrongName(name)).toBeUndefined();
});
