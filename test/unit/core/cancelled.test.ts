import { describe, expect, it } from '@jest/globals';
import { cancelledBeforeTurn, cancelledEarly, cancelledInstead } from '../../../src/core/cancelled.ts';
import { LaunchError } from '../../../src/core/errors.ts';

const remedy = 'Mend it.';

describe('an error of a run that was cancelled', () => {
  it('is told as cancelled, with what it was as the cause', () => {
    const error = new LaunchError('ENGINE_UNAVAILABLE', 'There is no compose.', { remedy });
    expect(cancelledInstead(error, AbortSignal.abort())).toMatchObject({ code: 'CANCELLED', cause: error });
  });

  it('stays what it is when it asks for more, or is a fault of Launch', () => {
    for (const code of ['DISK_FULL', 'ROLLBACK_FAILED', 'CANCELLED'] as const) {
      const error = new LaunchError(code, 'So it is.', { remedy });
      expect(cancelledInstead(error, AbortSignal.abort())).toBe(error);
    }
    const fault = new TypeError('x');
    expect(cancelledInstead(fault, AbortSignal.abort())).toBe(fault);
  });

  it('stays what it is when nobody cancelled', () => {
    const error = new LaunchError('ENGINE_UNAVAILABLE', 'There is no compose.', { remedy });
    expect(cancelledInstead(error, undefined)).toBe(error);
    expect(cancelledInstead(error, new AbortController().signal)).toBe(error);
  });

  it('says that nothing was changed where nothing was begun', () =>
    expect(cancelledEarly().message).toContain('Nothing has been changed.'));
});

it('says of one of several that nothing of it was changed', () => {
  expect(cancelledBeforeTurn('worker').message).toMatch(/before this worker had its turn.*Nothing of it/);
});
