import { expect, it } from '@jest/globals';
import { readTemplate } from '../../../../src/core/scaffold/template.ts';

it('is what its file says', () => {
  expect(readTemplate('web', '{ "description": "A website", "driver": "compose", "port": 8080 }')).toEqual({
    name: 'web',
    description: 'A website',
    driver: 'compose',
    port: 8080,
    secrets: [],
    targetSecrets: [],
  });
});

it('is refused when it is broken', () => {
  expect(() => readTemplate('web', '{ "description": "x", "driver": "ship" }')).toThrow(
    /"web" is broken.*services\/templates\/web\/template\.json/,
  );
});
