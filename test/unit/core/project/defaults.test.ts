import { describe, expect, it } from '@jest/globals';
import * as z from 'zod/mini';
import { launchFile } from '../../../../src/core/config/launch-file.ts';
import { serviceFile } from '../../../../src/core/config/service-file.ts';
import { noLaunchFile } from '../../../../src/core/project/project.ts';
import { noServiceFile } from '../../../../src/core/project/service.ts';

// They are written out, so that a repository without these files needs no schema; and must not drift.
describe('what an absent file means', () => {
  it('is what the schema says of an empty launch.yml', () => {
    expect(noLaunchFile).toEqual(z.parse(launchFile, {}));
  });

  it('is what the schema says of an empty service.yml', () => {
    expect(noServiceFile).toEqual(z.parse(serviceFile, {}));
  });
});
