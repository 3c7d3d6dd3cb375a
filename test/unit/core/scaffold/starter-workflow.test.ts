import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { adaptStarter, isPlainBranch, parseCopy } from '../../../../src/core/scaffold/starter-workflow.ts';
import { ROOT } from '../../../support/source-tree.ts';

const copy = { repository: 'octo-org/launch', ref: '0123abc' };

describe('a starter workflow', () => {
  it.each(['launch-deploy', 'launch-pr', 'launch-rollback'].flatMap((it) => [it, `${it}-standalone`]))(
    '%s uses the copy of Launch everywhere, and differs in nothing else',
    (name) => {
      const before = readFileSync(join(ROOT, `workflows/${name}.yml`), 'utf8');
      const after = adaptStarter(before, copy, 'trunk');
      expect(after).not.toMatch(/uses: org\/launch/);
      expect(after).toMatch(/uses: octo-org\/launch\/\S+@0123abc\n/);
      expect(after).toContain(name.includes('deploy') ? 'branches: [trunk]' : '');
      const lines = after.split('\n');
      const changed = before.split('\n').filter((line, index) => line !== lines[index]);
      expect(changed.filter((line) => !/uses: org\/launch|branches: \[main\]/.test(line))).toEqual([]);
    },
  );

  it('takes names that need no quotes only', () => {
    expect(parseCopy('octo-org/launch')).toEqual({ repository: 'octo-org/launch', ref: 'v1' });
    expect(parseCopy('octo-org/launch@v1.2.3')).toEqual({ repository: 'octo-org/launch', ref: 'v1.2.3' });
    for (const wrong of ['launch', 'a/b/c', 'a/b@', "a/b@v1'; x", 'a/b@v1\nrun: x', '../b', 'a b/c']) {
      expect(parseCopy(wrong)).toBeUndefined();
    }
    expect(isPlainBranch('release/1.x')).toBe(true);
    for (const wrong of ['', '[x]', 'a, b', 'a b', '*', '-x', 'a\nb'])
      expect(isPlainBranch(wrong)).toBe(false);
  });
});
