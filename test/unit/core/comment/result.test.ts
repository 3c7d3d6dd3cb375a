import { expect, it } from '@jest/globals';
import { commentSummary } from '../../../../src/core/comment/result.ts';

it('says in the summary what became of the comment, with nothing in it that comes alive', () => {
  const url = 'https://github.com/o/r/pull/1#issuecomment-5';
  expect(commentSummary({ status: 'updated', url })).toBe(
    `Comment on the pull request: [updated](${url}).\n`,
  );
  expect(commentSummary({ status: 'created', url: 'javascript:alert(1)' })).not.toContain('](');
  expect(commentSummary({ status: 'skipped', why: 'a <b>newer</b> commit' })).toContain('a &#60;b&#62;newer');
  expect(commentSummary({ status: 'failed', why: '[x](y)' })).toMatch(/\*\*not written\.\*\* &#91;x/);
});
