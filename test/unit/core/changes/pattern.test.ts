import { describe, expect, it } from '@jest/globals';
import { compilePattern } from '../../../../src/core/changes/pattern.ts';

const place = { file: 'services/web/service.yml' };
const compile = (glob: string, folder = 'services/web') => compilePattern(glob, folder, place);

describe('a pattern', () => {
  it.each([
    ['**/*.md', 'services/web/README.md', true],
    ['**/*.md', 'services/web/docs/.hidden/a.md', true],
    ['**/*.md', 'services/api/README.md', false],
    ['*.md', 'services/web/docs/a.md', false],
    ['docs/**', 'services/web/docs/new\nline', true],
    ['../../shared/**', 'shared/a/b', true],
    ['../../shared/**', 'sharedx/a', false],
    ['../../shared/', 'shared/a/b', true],
    ['./../../VERSION', 'VERSION', true],
    ['../../VERSION', 'VERSION.old', false],
    ['../../{a,b}/*.js', 'b/x.js', true],
    ['..', 'services/api/x', true],
    ['../../**', 'anything/at/all', true],
    ['a\\*', 'services/web/a*', true],
    ['a\\*', 'services/web/ab', false],
  ])('%j means %j: %j', (glob, path, expected) => {
    expect(compile(glob).matches(path)).toBe(expected);
  });

  it('takes the folder it is relative to literally', () => {
    const pattern = compile('*.js', 'services/[id]');
    expect(pattern.matches('services/[id]/a.js')).toBe(true);
    expect(pattern.matches('services/i/a.js')).toBe(false);
  });

  it('knows where to look, and when one id stands for all of it', () => {
    expect(compile('../../shared/**')).toMatchObject({ start: 'shared', whole: true });
    expect(compile('../../shared/*.js')).toMatchObject({ start: 'shared', whole: false });
    expect(compile('**/x')).toMatchObject({ start: 'services/web', whole: false });
    expect(compile('../../VERSION')).toMatchObject({ start: 'VERSION', whole: true });
    expect(compile('../../**')).toMatchObject({ start: '', whole: true });
  });

  it.each(['../../../x', '../../../../etc/passwd', 'a/../../../../x', '!a'])('refuses %j', (glob) => {
    expect(() => compile(glob)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', place }));
  });
});
