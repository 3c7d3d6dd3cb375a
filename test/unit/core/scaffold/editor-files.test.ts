import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import {
  editorSettings,
  modeline,
  schemaFiles,
  schemaFolder,
} from '../../../../src/core/scaffold/editor-files.ts';
import { ROOT } from '../../../support/source-tree.ts';

it('name schemas that Launch has', () => {
  for (const name of schemaFiles) expect(existsSync(join(ROOT, 'schemas', name))).toBe(true);
  const settings: { 'yaml.schemas': object } = JSON.parse(editorSettings('apps'));
  expect(Object.keys(settings['yaml.schemas'])).toEqual(schemaFiles.map((it) => `./${schemaFolder}/${it}`));
  expect(Object.values(settings['yaml.schemas'])).toEqual(['launch.yml', 'apps/*/service.yml']);
  expect(modeline('../x.json')).toBe('# yaml-language-server: $schema=../x.json\n');
});
