import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { removeRepositories, temporaryFolder } from '../../support/repository.ts';
import { ROOT } from '../../support/source-tree.ts';
import { node24, requireTools, toolPath } from '../../support/tools.ts';

afterAll(removeRepositories);

const suite = requireTools('node24', 'actionlint', 'zizmor');

const good = `name: Good
on: push
permissions: {}
concurrency:
  group: good
jobs:
  a:
    name: A
    runs-on: ubuntu-latest
    permissions:
      contents: read # to look
    steps:
      - name: Act
        uses: $/actions/act
        with:
          word: hello
`;

const action = `name: Act
description: Acts
inputs:
  word:
    description: A word
    required: true
runs:
  using: composite
  steps:
    - name: Say
      shell: bash
      env:
        WORD: \${{ inputs.word }}
      run: echo "$WORD"
`;

function check(files: Readonly<Record<string, string>>, env: NodeJS.ProcessEnv = {}) {
  const root = temporaryFolder('launch-workflows-');
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  const linters = ['actionlint', 'zizmor'].map((tool) => dirname(toolPath(tool) ?? ''));
  const result = spawnSync(node24(), [join(ROOT, 'scripts/check-workflows/main.ts'), '--root', root], {
    encoding: 'utf8',
    env: { PATH: [...linters, '/usr/bin', '/bin'].join(':'), ...env },
  });
  return { exitCode: result.status, output: result.stderr };
}

suite('npm run check:workflows', () => {
  it('passes good files, with what only one linter does not know excepted', () => {
    const { exitCode, output } = check({
      '.github/workflows/good.yml': good,
      'actions/act/action.yml': action,
    });
    expect(output).toContain('@actions/languageservice: 2 files, 0 findings\n');
    expect(output).toContain('actionlint: 2 files, 0 findings, 1 known false ones excepted\n');
    expect(output).toContain('zizmor: 2 files, 0 findings\n');
    expect(exitCode).toBe(0);
  });

  it.each([
    [
      '@actions/languageservice',
      'an input that the action lacks',
      good.replace('word: hello', 'wrod: hello'),
    ],
    ['@actions/languageservice', 'an action that is not there', good.replace('actions/act', 'actions/none')],
    [
      'actionlint',
      'a context that does not exist',
      good.replace('word: hello', `word: \${{ nosuch.thing }}`),
    ],
    [
      'actionlint',
      'a key near an excepted one',
      good.replace('  group: good', '  group: good\n  queues: max'),
    ],
    ['zizmor', 'an action that is not pinned', good.replace('$/actions/act', 'owner/act@v1')],
    [
      'zizmor',
      'the event in a script',
      `${good}      - run: echo "\${{ github.event.head_commit.message }}"\n`,
    ],
    ['zizmor', 'an ignore without a reason', `${good}# zizmor: ignore[unpinned-uses]\n`],
  ])('%s catches %s', (linter, _what, workflow) => {
    const { exitCode, output } = check({
      '.github/workflows/bad.yml': workflow,
      'actions/act/action.yml': action,
    });
    expect(output).toMatch(new RegExp(`^\\.github/workflows/bad\\.yml:\\d+: ${linter}: `, 'm'));
    expect(exitCode).toBe(1);
  });

  it('catches a caller that grants, gives or passes too little', () => {
    const { exitCode, output } = check({
      '.github/workflows/called.yml': good.replace(
        'on: push',
        'on:\n  workflow_call:\n    inputs:\n      a:\n        description: A\n        type: string\n        required: true',
      ),
      'workflows/caller.yml': `name: Caller
on: push
permissions: {}
concurrency:
  group: caller
jobs:
  a:
    name: A
    uses: org/launch/.github/workflows/called.yml@v1
    with:
      b: x
`,
      'actions/act/action.yml': action,
    });
    expect(output).toContain('the called job "a" needs contents: read, which is not granted');
    expect(output).toContain('the called workflow has no input "b"');
    expect(output).toContain('the input "a" is required and not given');
    expect(exitCode).toBe(1);
  });

  it('says loudly that a linter is not there, and fails for it in CI', () => {
    const files = { '.github/workflows/good.yml': good, 'actions/act/action.yml': action };
    const bare = check(files, { PATH: '/nonexistent' });
    expect(bare.output).toMatch(/NOT CHECKED: actionlint can't run: .*not found/);
    expect(bare.output).toMatch(/NOT CHECKED: zizmor can't run/);
    expect(bare.exitCode).toBe(0);
    expect(check(files, { PATH: '/nonexistent', CI: 'true' }).exitCode).toBe(1);
  });

  it('does not pass a folder without workflows', () => {
    expect(check({ 'README.md': 'nothing here' }).exitCode).toBe(1);
  });
});
