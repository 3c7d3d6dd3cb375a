import { describe, expect, it } from '@jest/globals';
import { isShellScript, shebangOf, shellOf } from '../../../../src/core/validation/shell-script.ts';

describe('shebangOf', () => {
  it.each([
    ['#!/bin/sh\n', 'sh'],
    ['#! /bin/bash -e\n', 'bash'],
    ['#!/usr/bin/env bash', 'bash'],
    ['#!/usr/bin/env -S bash -euo pipefail\n', 'bash'],
    ['#!/usr/bin/env -Sbash -e\n', 'bash'],
    ['#!/usr/bin/env -i -S A=1 ksh\n', 'ksh'],
    ['#!/usr/bin/env --split-string=dash\n', 'dash'],
    ['#!/bin/bash\r\n', 'bash'],
    ['#!/usr/bin/python3\n', 'python3'],
    ['#!/usr/bin/env\n', ''],
  ])('%j is started by %s', (text, program) => {
    expect(shebangOf(text)).toEqual({ program });
  });

  it.each(['', '#!\n', ' #!/bin/sh', '\u{feff}#!/bin/sh\n', '# /bin/sh\n', 'echo\n#!/bin/sh\n'])(
    '%j has none',
    (text) => {
      expect(shebangOf(text)).toBeUndefined();
    },
  );
});

it.each([
  ['sh', 'sh'],
  ['ash', 'dash'],
  ['mksh', 'ksh'],
  ['zsh', undefined],
  ['fish', undefined],
  ['constructor', undefined],
])('the program %s is the shell %s', (program, shell) => {
  expect(shellOf(program)).toBe(shell);
});

describe('isShellScript', () => {
  it.each([
    ['a.sh', 'echo', true],
    ['a.BASH', 'echo', true],
    ['a', '#!/bin/sh\n', true],
    ['a.py', '#!/bin/sh\n', true],
    ['a.sh', '#!/usr/bin/env python3\n', false],
    ['a.sh', '#!/bin/zsh\n', false],
    ['a', 'echo', false],
    ['sh', 'echo', false],
  ])('%s with %j: %s', (path, text, expected) => {
    expect(isShellScript(path, text)).toBe(expected);
  });
});
