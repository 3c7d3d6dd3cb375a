// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is how service.yml and compose write variables
import { describe, expect, it } from '@jest/globals';
import * as z from 'zod/mini';
import { healthCheck } from '../../../../src/core/config/health-check.ts';
import { checkFromSetting } from '../../../../src/core/health/from-settings.ts';
import { namesLaunchPort, withAnyPort, withLaunchPort } from '../../../../src/core/health/launch-port.ts';

const url = 'http://127.0.0.1:${LAUNCH_PORT}/health';
const from = (setting: unknown, env: NodeJS.ProcessEnv) =>
  checkFromSetting(z.parse(healthCheck, setting), { cwd: '/', env }, { file: 'service.yml' });

describe('the port that a service was given', () => {
  it('is filled in where a check names it', () => {
    expect(namesLaunchPort(url)).toBe(true);
    expect(withAnyPort(url)).toBe('http://127.0.0.1:1/health');
    expect(withLaunchPort(url, '20000', undefined)).toBe('http://127.0.0.1:20000/health');
    const env = { LAUNCH_PORT: '20001' };
    expect(from({ http: url }, env)).toMatchObject({ url: 'http://127.0.0.1:20001/health' });
    expect(from({ tcp: '[::1]:${LAUNCH_PORT}' }, env)).toMatchObject({ host: '::1', port: 20_001 });
  });

  it('is not asked for by a check that does not name it', () => {
    expect(namesLaunchPort('http://x:1/${OTHER}')).toBe(false);
    expect(withLaunchPort('http://x:1/', undefined, undefined)).toBe('http://x:1/');
  });

  it('is missed with the place and what to do', () => {
    expect(() => from({ http: url }, {})).toThrow(/names LAUNCH_PORT.*\(service\.yml\).*`port-range`/);
  });
});
