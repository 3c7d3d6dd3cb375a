// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is how compose writes variables
import { describe, expect, it } from '@jest/globals';
import { interpolate, neededVariables, variableUses } from '../../../../src/core/compose/variables.ts';

describe('variableUses', () => {
  it.each([
    ['$A', ['A']],
    ['${A}', ['A']],
    ['a${A}b$B-c', ['A', 'B']],
    ['$$A $${B} $$$C', ['C']],
    ['${A:-x}${B-}${C:?why}${D?}${E:+y}${F+}', ['A', 'B', 'C', 'D', 'E', 'F']],
    ['${A:-${B:-${C}}}', ['A']],
    ['${} ${1} $1 $ ${A B} ${A', []],
    ['é${Ä}', []],
  ])('finds in %s', (text, names) => {
    expect(variableUses(text).map(({ name }) => name)).toEqual(names);
  });

  it('says where the name begins', () => {
    expect(variableUses('x ${ABC:-1} $D').map(({ offset }) => offset)).toEqual([4, 13]);
  });
});

describe('neededVariables', () => {
  const has = (name: string): boolean => name === 'GIVEN';

  it.each([
    ['$A ${B}', ['A', 'B']],
    ['${A:-x}', []],
    ['${A:?why}', ['A']],
    ['${GIVEN} ${GIVEN:?}', []],
    ['${A:-${B}}', ['B']],
    ['${GIVEN:-${B}}', []],
    ['${A:+${B}}', []],
    ['${GIVEN:+${B}}', ['B']],
  ])('of %s', (text, names) => {
    expect(neededVariables(text, has).map(({ name }) => name)).toEqual(names);
  });

  it('ends on a nesting without end', () => {
    expect(neededVariables('${A:-'.repeat(5000) + '}'.repeat(5000), has)).toEqual([]);
  });
});

describe('interpolate', () => {
  const env = { A: 'a', EMPTY: '' };

  it.each([
    ['x${A}y$A', 'xaya'],
    ['$$A$$', '$A$'],
    ['${EMPTY-x}${EMPTY:-y}', 'y'],
    ['${NONE-x}${NONE:-y}', 'xy'],
    ['${A:+set}${EMPTY+set}${EMPTY:+set}${NONE+set}', 'setset'],
    ['${NONE:-${A}}', 'a'],
    ['${NONE}', undefined],
    ['${toString}', undefined],
  ])('%s', (text, expected) => {
    expect(interpolate(text, env)).toBe(expected);
  });
});
