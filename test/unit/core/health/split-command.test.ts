import { describe, expect, it } from '@jest/globals';
import { splitCommand } from '../../../../src/core/health/split-command.ts';

describe('splitCommand', () => {
  it.each([
    ['./health-check.sh --fast', ['./health-check.sh', '--fast']],
    ['  a\tb \n c ', ['a', 'b', 'c']],
    [`curl -fsS "http://x/?a=1&b=2"`, ['curl', '-fsS', 'http://x/?a=1&b=2']],
    [`grep 'a|b $HOME' file`, ['grep', 'a|b $HOME', 'file']],
    [`say a"b c"d'e f'`, ['say', 'ab cde f']],
    [`say "" ''`, ['say', '', '']],
    [`say a\\ b \\| "q\\"q" 'b\\n'`, ['say', 'a b', '|', 'q"q', 'b\\n']],
    [`say "\\$HOME"`, ['say', '$HOME']],
    ['say ünïcode 🚀', ['say', 'ünïcode', '🚀']],
  ])('splits %j', (line, argv) => {
    expect(splitCommand(line)).toEqual(argv);
  });

  it.each([
    'curl x | grep ok',
    'a && b',
    'a; b',
    'a > /dev/null',
    'a < b',
    'echo $HOME',
    'echo "$HOME"',
    'echo "\\\\$HOME"',
    'echo `id`',
    'echo $(id)',
    'echo "$(id)"',
  ])('refuses what needs a shell: %j', (line) => {
    expect(() => splitCommand(line)).toThrow(/only a shell understands/);
  });

  it.each(["'open", '"open', 'a\\', 'a "b\\"'])('refuses what does not end: %j', (line) => {
    expect(() => splitCommand(line)).toThrow(/open quote/);
  });

  it.each(['', '   ', "''"])('refuses %j, which names no program', (line) => {
    expect(() => splitCommand(line)).toThrow(/names no program/);
  });

  it('names the place and shows no control characters', () => {
    expect(() => splitCommand('a\u0007|b', { file: 'services/x/service.yml' })).toThrow(
      /a\\u0007\|b.*services\/x\/service\.yml/,
    );
  });
});
