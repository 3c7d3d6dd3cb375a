import { describe, expect, it } from '@jest/globals';
import {
  type Comment,
  markerOf,
  standingOf,
  withMarker,
} from '../../../../src/core/comment/marked-comment.ts';

const marker = '<!-- launch:plan -->';
const bot = 'github-actions[bot]';

const comment = (id: number, body: string, author: string | undefined = bot): Comment => ({
  id,
  body,
  author,
  url: `https://github.com/o/r/pull/1#issuecomment-${id}`,
});

describe('the marker', () => {
  it('holds the key, which is a name', () => {
    expect(markerOf('plan')).toBe(marker);
    for (const key of ['', 'Plan', 'a b', 'x -->', '../x', 'a'.repeat(64)]) {
      expect(() => markerOf(key)).toThrow('It takes 1 to 63 characters');
    }
  });

  it.each([
    ['text', `${marker}\ntext`],
    [`${marker}\ntext\n\n`, `${marker}\ntext`],
    [`${marker} \r\ntext`, `${marker} \r\ntext`],
    [`text\n${marker}`, `${marker}\ntext\n${marker}`],
    ['<!-- launch:other -->\ntext', `${marker}\n<!-- launch:other -->\ntext`],
  ])('is the first line of %j, once', (body, expected) => {
    expect(withMarker(marker, body)).toBe(expected);
  });
});

describe('the comments of a pull request', () => {
  it('have the oldest with the marker kept, and later ones of the same author are too many', () => {
    const found = standingOf(
      [comment(9, `${marker}\nnewer`), comment(3, 'hello'), comment(5, `${marker}\r\nolder`)],
      marker,
      'GitHub-Actions[bot]',
    );
    expect(found).toMatchObject({ kept: { id: 5 }, extra: [{ id: 9 }] });
  });

  it.each([
    ['of somebody else', comment(1, `${marker}\nmine`, 'mallory')],
    ['of a name that only looks like it', comment(1, `${marker}\nmine`, 'github-actions')],
    ['of an account that is gone', { ...comment(1, `${marker}\nmine`), author: undefined }],
    ['that quotes the marker', comment(1, `> ${marker}\nsee`)],
    ['with the marker further down', comment(1, `see\n${marker}`)],
    ['for another purpose', comment(1, '<!-- launch:plan-b -->\nother')],
    ['with more on the line', comment(1, `${marker} and more`)],
    ['that is empty', comment(1, '')],
  ])('leave one alone %s', (_what, other) => {
    expect(standingOf([other], marker, bot)).toEqual({ kept: undefined, extra: [] });
  });
});
