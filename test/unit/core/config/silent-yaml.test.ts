import { afterEach, expect, it, jest } from '@jest/globals';
import * as z from 'zod/mini';
import { composeProjectName } from '../../../../src/core/compose/project-name.ts';
import { parseConfig } from '../../../../src/core/config/parse.ts';

afterEach(() => {
  jest.restoreAllMocks();
});

/** The parser prints the line that it warns of, and a runner would take it for a command. */
it.each(['::error::x: !unknown y', '? [a, b]\n: y'])('says nothing by itself of %j', (text) => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
  composeProjectName(text, 'api');
  parseConfig(z.record(z.string(), z.string()), text, 'launch.yml');
  parseConfig(z.strictObject({}), text, 'launch.yml');
  expect(warn).not.toHaveBeenCalled();
});
