import { describe, expect, it } from '@jest/globals';
import { chooseColumns, fitColumns } from '../../../src/cli/fit-columns.ts';

const total = (widths: readonly number[]) => widths.reduce((sum, width) => sum + width + 2, -2);

describe('the widths of columns', () => {
  it('stay where they fit', () => {
    expect(fitColumns([10, 20], { gap: 2, width: 32 })).toEqual([10, 20]);
  });

  it.each([20, 31, 47, 79, 80])('fit into %d characters, the widest giving way first', (width) => {
    const fitted = fitColumns([6, 40, 12, 30], { gap: 2, width });
    expect(total(fitted)).toBeLessThanOrEqual(Math.max(width, 30));
    expect(fitted[0]).toBe(6);
    if (width >= 47) expect(fitted[2]).toBe(12);
  });

  it('are never narrower than what tells something', () => {
    expect(fitColumns([30, 3, 30], { gap: 2, width: 5 })).toEqual([6, 3, 6]);
    expect(fitColumns([], { gap: 2, width: 5 })).toEqual([]);
  });
});

describe('the columns that are shown', () => {
  const columns = [
    { name: 'SERVICE', width: 10, isEmpty: false },
    { name: 'TARGET', width: 10, isEmpty: false },
    { name: 'FROZEN', width: 6, isEmpty: true },
    { name: 'COMMIT', width: 12, isEmpty: false },
  ];
  const choose = (width: number) => chooseColumns(columns, ['COMMIT', 'TARGET'], { gap: 2, width });

  it('are all, where they fit', () => {
    expect(choose(44)).toEqual([0, 1, 2, 3]);
  });

  it('are those that hold something, then those that matter most', () => {
    expect(choose(43)).toEqual([0, 1, 3]);
    expect(choose(30)).toEqual([0, 1]);
    expect(choose(20)).toEqual([0]);
    expect(choose(1)).toEqual([0]);
  });
});
