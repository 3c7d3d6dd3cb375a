import { describe, expect, it } from '@jest/globals';
import { formatPlace, inputPlace } from '../../../src/core/errors.ts';
import { annotationPlace } from '../../../src/runner/annotation-place.ts';

describe('where an annotation is shown', () => {
  it('is the file, with line and column as far as they are known', () => {
    expect(annotationPlace({ file: 'launch.yml' })).toEqual({ file: 'launch.yml' });
    expect(annotationPlace({ file: 'launch.yml', line: 3, column: 1 })).toEqual({
      file: 'launch.yml',
      startLine: 3,
      startColumn: 1,
    });
  });

  it('is no file for what is none, which is only named', () => {
    expect(annotationPlace(undefined)).toEqual({});
    expect(annotationPlace(inputPlace('target'))).toEqual({});
    expect(formatPlace(inputPlace('target'))).toBe('the `target` input');
  });
});
