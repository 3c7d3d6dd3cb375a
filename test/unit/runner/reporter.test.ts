import { describe, expect, it } from '@jest/globals';
import { withoutCommand } from '../../../src/runner/reporter.ts';

/** What a runner would take for a command: at the start of what it sees as a line, after its idea of white space. */
const command = /^[\s\u0085\u180e\u200b]*::[a-z]|##\[/;

describe('a line that a service printed', () => {
  it.each([
    '::error::x',
    '  ::set-output name=a::b',
    '\t::add-mask::x',
    'safe\r::warning::x',
    'safe\r\n::warning::x',
    'safe\n::warning::x',
    '\u0085::warning::x',
    '\u00a0\u3000::warning::x',
    'abc ##[error]x',
    '##[add-path]/evil',
  ])('is no command: %j', (line) => {
    for (const seen of withoutCommand(line).split(/\r\n|\r|\n/)) expect(seen).not.toMatch(command);
  });

  it.each(['a::b', 'http://[::1]:80/', 'std::move(x)', '# heading', 'plain'])(
    'stays as it is: %j',
    (line) => {
      expect(withoutCommand(line)).toBe(line);
    },
  );
});
