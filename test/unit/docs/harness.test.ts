// The tests of the documents find what they are there to find.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { wrongCommands } from '../../support/documents/command-line.ts';
import { parseDocument, shownFile } from '../../support/documents/document.ts';
import { runBlocks } from '../../support/documents/execute.ts';
import { commandsOf, isShell, markOf, notPrinted, outputShownIn } from '../../support/documents/mark.ts';
import { shellCommands } from '../../support/documents/shell-words.ts';
import { wrongUses } from '../../support/documents/uses.ts';
import { removeRepositories, temporaryFolder } from '../../support/repository.ts';

afterAll(removeRepositories);

const fence = '```';
const text = `# A \`title\` & more

1. One

   <!-- doc-test: host -->
   ${fence}console
   $ launch status
   web  serving  20261122T061026Z-6b68807
   ${fence}

<a id="here"></a> [link](other.md#x) ![image](a.png) \`launch plan\`

## A title

${fence}yaml
# services/web/service.yml
target: aws
${fence}
`;

describe('a document', () => {
  const { blocks, links, anchors, code } = parseDocument('docs/x.md', text);

  it('has blocks with their marks, also in lists', () => {
    expect(blocks.map(({ line, language, mark }) => [line, language, mark])).toEqual([
      [6, 'console', 'doc-test: host'],
      [15, 'yaml', undefined],
    ]);
    expect(blocks.map(shownFile)).toEqual([undefined, 'services/web/service.yml']);
    expect(blocks.filter(isShell).map(markOf)).toEqual([{ kind: 'scenario', name: 'host' }]);
  });

  it('has links, code and anchors as GitHub makes them', () => {
    expect(links).toEqual([
      { line: 11, text: 'other.md#x' },
      { line: 11, text: 'a.png' },
    ]);
    expect(code.map((it) => it.text)).toEqual(['title', 'launch plan']);
    expect([...anchors]).toEqual(['a-title--more', 'a-title', 'here']);
  });

  it('has commands, and what they print', () => {
    const [block] = blocks;
    if (block === undefined) throw new Error('no block');
    expect(commandsOf(block)).toBe('launch status\n');
    const shown = outputShownIn(block);
    expect(notPrinted(shown, 'web   serving  20250101T000000Z-0a1b2c3\n')).toEqual([]);
    expect(notPrinted(shown, 'web  down  20250101T000000Z-0a1b2c3\n')).toEqual(shown);
    expect(notPrinted(['a', 'b'], 'b\na\n')).toEqual(['b']);
    expect(notPrinted(['a … c'], 'a b c\n')).toEqual([]);
  });
});

it.each([
  ['a "b c" \'d e\' # f', [['a', 'b c', 'd e']]],
  ['x=1 a | b && c; d', [['a'], ['b'], ['c'], ['d']]],
  ['a $(b -c) "$(d)" e', [['b', '-c'], ['d'], ['a', '…', '…', 'e']]],
  ['a >b 2>&1 <c d', [['a', 'd']]],
  ["a <<'E' b\nnot this\nE\nc", [['a', 'b'], ['c']]],
  ['a \\\n  b', [['a', 'b']]],
])('the shell words of %s', (line, words) => {
  expect(shellCommands(line)).toEqual(words);
});

it.each([
  ['launch deploy web --forse', 'no option --forse'],
  ['launch edge up --admin x y', 'takes 1 arguments'],
  ['launch nonsense', 'no command nonsense'],
  ['host=$(launch gpu status --label x --jsn)', 'no option --jsn'],
  ['gh secret set X --enviroment y', 'no option --enviroment'],
  ['gh secrets set X', 'no such command'],
  ['npm run nonsense', 'no script nonsense'],
  ['scripts/nonsense.sh', 'no such file'],
  ['bash scripts/setup-dev.sh --onyl node', 'no option --onyl'],
])('%s is found wrong', (line, why) => {
  expect(wrongCommands(line).join('\n')).toMatch(why);
});

it('inputs, outputs and workflows that are not there are found', () => {
  const uses = 'org/launch/actions/health-check@v1';
  const steps = [{ id: 'h', uses, with: { servise: 'web' } }, { uses: 'org/launch/actions/nonsense@v1' }];
  const yaml = { steps, job: { uses: 'org/launch/.github/workflows/deploy.yml@v1', secrets: { NONE: '' } } };
  expect(wrongUses(yaml, '${{ steps.h.outputs.healty }}')).toEqual([
    `${uses} has no input servise`,
    'org/launch/actions/nonsense@v1: there is no such action or workflow',
    'org/launch/.github/workflows/deploy.yml@v1 takes no secret NONE',
    'steps.h.outputs.healty: there is no such output',
  ]);
});

describe('blocks', () => {
  const block = (commands: string, language = 'sh', line = 1) => ({
    document: 'docs/x.md',
    line,
    language,
    text: commands,
    mark: 'doc-test: x',
  });
  const sandbox = () => {
    const cwd = temporaryFolder();
    mkdirSync(join(cwd, 'below'));
    return { cwd, stdin: 'typed\n' };
  };

  it('are one session, with what is typed, and end with it', async () => {
    const printed = await runBlocks(
      [block('cd below\nread -r word\nsleep 100 &'), block('echo "$(basename "$PWD") $word"')],
      sandbox(),
    );
    expect(printed).toBe('below typed\n');
  });

  it('fail with their place and what they printed', async () => {
    const blocks = [block('true'), block('echo why\nfalse\ntrue', 'sh', 7), block('true', 'sh', 9)];
    await expect(runBlocks(blocks, sandbox())).rejects.toThrow(
      /^docs\/x\.md:7: this block ended with status 1\. It printed:\nwhy\n$/,
    );
    await expect(runBlocks([block('false | true')], sandbox())).rejects.toThrow('status 1');
    await expect(runBlocks([block('echo "$unset"')], sandbox())).rejects.toThrow('unbound variable');
  });

  it('fail when they print something else than is shown', async () => {
    await expect(runBlocks([block('$ echo a\nb\n', 'console', 3)], sandbox())).rejects.toThrow(
      'docs/x.md:3: not printed:\nb',
    );
  });
});
