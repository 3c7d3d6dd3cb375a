import { describe, expect, it } from '@jest/globals';
import { commentLimit, fitMarkdown } from '../../../../src/core/comment/fit.ts';

const note = '_There is more._';
const lines = (count: number, text = 'word') => Array.from({ length: count }, (_, at) => `${text} ${at}`);

describe('a text for a comment', () => {
  it('stays as it is as long as it fits', () => {
    const text = 'x'.repeat(commentLimit);
    expect(fitMarkdown(text, note)).toBe(text);
    expect(fitMarkdown('a\nb', note, 3)).toBe('a\nb');
  });

  it('is cut at the end of a line, and says so in a paragraph of its own', () => {
    const text = lines(20_000).join('\n');
    const cut = fitMarkdown(text, note);
    expect(cut.length).toBeLessThanOrEqual(commentLimit);
    expect(cut.length).toBeGreaterThan(commentLimit - 20);
    expect(cut).toMatch(/\nword \d+\n\n_There is more\._$/);
    expect(text.startsWith(cut.slice(0, -note.length - 1))).toBe(true);
  });

  it.each([
    ['a fence', ['```diff', ...lines(40)], '\n```\n\n'],
    ['a longer fence', ['````', '```', ...lines(40)], '\n````\n\n'],
    ['a fence of tildes', ['~~~', '```', ...lines(40)], '\n~~~\n\n'],
    ['details', ['<details><summary>Diff</summary>', '', ...lines(40)], '\n\n</details>\n\n'],
    [
      'a fence in nested details',
      ['<details>', '<details>', '', '```', '<details>', ...lines(40)],
      '\n```\n\n</details>\n\n</details>\n\n',
    ],
    ['an HTML comment', ['<!-- hidden', '```', ...lines(40)], '\n-->\n\n'],
  ])('has %s closed where it is cut', (_what, body, closing) => {
    const cut = fitMarkdown(['top', ...body].join('\n'), note, 200);
    expect(cut).toMatch(/word \d+\n/);
    expect(cut.endsWith(`${closing}${note}`)).toBe(true);
    expect(cut.length).toBeLessThanOrEqual(200);
  });

  it.each([
    ['a block of code', ['```', 'x', '```']],
    ['details', ['<details>', '', 'x', '', '</details>']],
    ['an HTML comment', ['<!-- a --> <!-- b', '-->']],
    ['inline code with three backticks', ['``` inline ```']],
  ])('closes nothing after the end of %s', (_what, body) => {
    const cut = fitMarkdown([...body, ...lines(60)].join('\n'), note, 200);
    expect(cut).toMatch(/\nword \d+\n\n_There is more\._$/);
  });

  it('loses a line that alone is too long, but never the half of a character', () => {
    const cut = fitMarkdown(`<!-- launch:plan -->\n${'😀'.repeat(40_000)}\nend`, note);
    expect(cut).toBe(`<!-- launch:plan -->\n\n${note}`);
  });
});
