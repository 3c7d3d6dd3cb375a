import { describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import type { GpuFlags } from '../../../src/cli/flags.ts';
import { assertOptions } from '../../../src/cli/gpu-options.ts';
import { allCommands, program, wordsOf } from '../../support/command-tree.ts';

const commands = allCommands().map((command) => [wordsOf(command), command] as const);

describe('--help', () => {
  it('is there for many commands', () => expect(commands.length).toBeGreaterThan(15));

  it.each(commands)('of `%s` has examples, and tells what the exit status means', (words, command) => {
    const help = helpOf(command);
    const lines = examplesIn(help);
    expect(lines.length).toBeGreaterThan(0);
    for (const { line, what } of lines) {
      expect(line).toMatch(new RegExp(`^${words}( |$)`));
      expect(what).toMatch(/^[A-Z].*\.$/);
    }
    expect(help).toContain('Exit status: 0 fine');
  });

  it.each(commands)('of `%s` has examples that it takes', async (_words, command) => {
    for (const { line } of examplesIn(helpOf(command))) await expect(parsed(line)).resolves.toBe(line);
  });

  it.each(commands)('of `%s` has an example of each of its operations', (words, command) => {
    const lines = examplesIn(helpOf(command)).map(({ line }) => line);
    const operations = operationsOf(command);
    expect(operations.filter((it) => !lines.some((line) => line.startsWith(`${words} ${it}`)))).toEqual([]);
  });

  it('would not get away with an example that is wrong', async () => {
    await expect(parsed('launch deploy website --not-there')).rejects.toThrow("unknown option '--not-there'");
    await expect(parsed('launch deplay website')).rejects.toThrow("unknown command 'deplay'");
    await expect(parsed('launch history website --limit few')).rejects.toThrow('Give a whole number');
    await expect(parsed('launch gpu reap --label sandbox')).rejects.toThrow('has no option --label');
    await expect(parsed('launch edge explode')).rejects.toThrow('explode is no operation');
  });
});

function operationsOf(command: Command): readonly string[] {
  const [first] = command.registeredArguments;
  return first?.name() === 'operation' ? (first.argChoices ?? []) : [];
}

function helpOf(command: Command): string {
  let shown = '';
  command.configureOutput({ writeOut: (text) => (shown += text) });
  command.outputHelp();
  return shown;
}

function examplesIn(help: string): { readonly line: string; readonly what: string }[] {
  const [, section = ''] = /\nExamples:\n((?: {2}.*\n)+)/.exec(help) ?? [];
  return [...section.matchAll(/^ {2}(launch.*)\n {6}(.*)$/gm)].map(([, line = '', what = '']) => ({
    line,
    what,
  }));
}

/** The line again, when commander takes it; the command itself is not run. */
async function parsed(line: string): Promise<string> {
  const launch = program();
  let seen: string | undefined;
  for (const command of allCommands(launch)) {
    command.configureOutput({ writeErr: () => {}, writeOut: () => {} });
    if (command === launch) continue;
    command.action(() => {
      seen = line;
      const operations = operationsOf(command);
      const [operation = ''] = command.args;
      if (operations.length > 0 && !operations.includes(operation))
        throw new Error(`${operation} is no operation`);
      if (command.name() === 'gpu') assertOptions(operation, command.opts<GpuFlags>());
    });
  }
  const [, ...args] = words(line);
  try {
    await launch.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof Error) || error.message !== '(outputHelp)') throw error;
    return line;
  }
  if (seen === undefined) throw new Error(`nothing was run by: ${line}`);
  return line;
}

/** As a shell would split it; the examples have no more of a shell than double quotes and a redirection. */
function words(line: string): string[] {
  const [command = ''] = line.split(' > ');
  expect(command).not.toMatch(/[$`\\|&;<>']/);
  return [...command.matchAll(/"([^"]*)"|\S+/g)].map(([whole, quoted]) => quoted ?? whole);
}
