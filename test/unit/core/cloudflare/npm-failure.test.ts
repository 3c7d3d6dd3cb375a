import { describe, expect, it } from '@jest/globals';
import { npmFailure } from '../../../../src/core/cloudflare/npm-failure.ts';

describe('what npm failed with', () => {
  it('is the line that tells it', () => {
    expect(
      npmFailure(
        [
          'npm warn Unknown user config "x".',
          'npm error code ECONNREFUSED',
          'npm error syscall connect',
          'npm error errno ECONNREFUSED',
          'npm error FetchError: request to http://127.0.0.1:9/wrangler failed, reason: connect ECONNREFUSED',
          'npm error     at ClientRequest.<anonymous> (index.js:130:14)',
          'npm error A complete log of this run can be found in: /home/runner/.npm/_logs/1-debug-0.log',
          '',
        ].join('\n'),
      ),
    ).toBe('FetchError: request to http://127.0.0.1:9/wrangler failed, reason: connect ECONNREFUSED');
    expect(
      npmFailure(
        'npm ERR! code ETARGET\nnpm ERR! notarget No matching version found for wrangler@4.999.0.\n',
      ),
    ).toBe('notarget No matching version found for wrangler@4.999.0.');
  });

  it('is the last line where npm says it in another way', () => {
    expect(npmFailure('sh: npm: not found\n')).toBe('sh: npm: not found');
    expect(npmFailure('')).toBe('');
  });
});
