import { describe, expect, it } from '@jest/globals';
import { placingLines } from '../../../../src/core/changes/relocation.ts';

describe('placingLines', () => {
  it.each([
    ['target: aws\nenv: { A: 1 }\n', 'target: aws\n'],
    [
      '# A note\nenv:\n  target: not-this\ntargets:\n  - a\n  - b\ndriver: compose\n',
      'targets:\n  - a\n  - b\ndriver: compose\n',
    ],
    ['targets:\n- a\n- b\nsecrets: [A]\n', 'targets:\n- a\n- b\n'],
    ['targets: [\n  a,\n  b\n]\nurl: x\n', 'targets: [\n  a,\n  b\n]\nurl: x\n'],
    ['secrets: [A]\n', ''],
    ['', ''],
  ])('takes from %j what says where it goes', (text, lines) => expect(placingLines(text)).toBe(lines));

  it.each([
    '{ target: aws, env: { A: 1 } }',
    'env: &x { A: 1 }\ntarget: *x\n',
    '"target": aws\nenv: {}\n',
    '? target\n: aws\n',
    'env: {}\n---\ntarget: aws\n',
    '<<: { target: aws }\n',
    'Target: aws\n',
  ])('takes all of %j, which is no plain map', (text) => expect(placingLines(text)).toBe(text));
});
