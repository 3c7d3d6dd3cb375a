// Whether a command that a document shows exists, with these options: for what is not run, and in running text.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command, Option } from 'commander';
import { program } from '../../../src/cli/main.ts';
import { ROOT } from '../source-tree.ts';
import { ghCommands } from './gh-commands.ts';
import { shellCommands } from './shell-words.ts';

const launch = program();
const npmScripts: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8'),
).scripts;

/** What is wrong with the commands of `text` that this repository, or `gh`, answers for. */
export function wrongCommands(text: string): string[] {
  return shellCommands(text).flatMap((words) => {
    const why = wrongCommand(words);
    return why === undefined ? [] : [`\`${words.join(' ')}\`: ${why}`];
  });
}

function wrongCommand(words: readonly string[]): string | undefined {
  const [name = '', ...rest] = words;
  if (name === 'launch' || name.endsWith('/launch')) return wrongLaunch(launch, rest);
  if (name === 'gh') return wrongGh(rest);
  if (name === 'npm' && rest[0] === 'run') return wrongNpm(rest.slice(1));
  if (name === 'bash' || name === 'node' || name === 'source') return wrongScript(rest);
  return wrongScript(words);
}

function wrongLaunch(command: Command, words: readonly string[]): string | undefined {
  const [first = ''] = words;
  const next = command.commands.find((it) => it.name() === first || it.aliases().includes(first));
  if (next !== undefined) return wrongLaunch(next, words.slice(1));
  if (command.commands.length > 0 && /^[a-z]/.test(first) && first !== 'help') {
    const isOperation = command.registeredArguments.length > 0;
    if (!isOperation) return `launch has no command ${first}`;
  }
  for (const flag of optionsIn(words)) {
    const known = command.options.some((it) => isNamed(it, flag)) || /^(--help|-h|--version|-V)$/.test(flag);
    if (!known) return `there is no option ${flag}`;
  }
  const argumentCount = argumentsIn(command, words).length;
  const most = command.registeredArguments.some((it) => it.variadic)
    ? Number.POSITIVE_INFINITY
    : command.registeredArguments.length;
  return argumentCount > most ? `it takes ${most} arguments` : undefined;
}

function isNamed({ short, long }: Option, flag: string): boolean {
  return flag === short || flag === long;
}

/** The words that are no options and no values of one. */
function argumentsIn(command: Command, words: readonly string[]): string[] {
  return words.filter((word, index) => {
    const before = words[index - 1] ?? '';
    const option = before.startsWith('-') && command.options.find((it) => isNamed(it, before));
    return !word.startsWith('-') && !(option && (option.required || option.optional));
  });
}

function wrongGh(words: readonly string[]): string | undefined {
  const depth = [2, 1].find((count) => words.slice(0, count).join(' ') in ghCommands);
  if (depth === undefined) return 'gh has no such command, or test/support/documents/gh-commands.ts lacks it';
  const known = ghCommands[words.slice(0, depth).join(' ')] ?? [];
  const wrong = optionsIn(words).find((flag) => !known.includes(flag));
  return wrong === undefined ? undefined : `gh ${words.slice(0, depth).join(' ')} has no option ${wrong}`;
}

function wrongNpm([script = '', ...rest]: readonly string[]): string | undefined {
  if (script.includes('…')) return undefined;
  const line = npmScripts[script];
  if (line === undefined) return `package.json has no script ${script}`;
  const dashes = rest.indexOf('--');
  const program = line.split(' ').findLast((it) => /^(scripts|bench)\/.*\.(ts|sh|mjs)$/.test(it));
  return dashes < 0 || program === undefined ? undefined : wrongScript([program, ...rest.slice(dashes + 1)]);
}

/** A script of this repository knows those options that its text names. */
function wrongScript([path = '', ...rest]: readonly string[]): string | undefined {
  const file = path.replace(/^(\.\/|launch\/)/, '');
  if (!/^(scripts|stackscripts|bench|services\/[\w-]+)\/[\w./-]+$/.test(file)) return undefined;
  if (!existsSync(join(ROOT, file)) || !statSync(join(ROOT, file)).isFile()) return 'there is no such file';
  if (file === 'scripts/with-tools.sh') {
    const from = rest.findIndex((word, index) => !word.startsWith('--') && rest[index - 1] !== '--only');
    return from < 0 ? undefined : wrongCommand(rest.slice(from));
  }
  const text = textWithLibraries(file);
  const wrong = optionsIn(rest).find((flag) => !text.includes(flag));
  return wrong === undefined ? undefined : `${file} has no option ${wrong}`;
}

function textWithLibraries(file: string): string {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const sourced = Array.from(text.matchAll(/^# shellcheck source=(\S+)/gm), ([, path = '']) => path);
  const imported = Array.from(text.matchAll(/from '(\.[^']+)'/g), ([, path = '']) => join(file, '..', path));
  return [text, ...[...sourced, ...imported].map((path) => readFileSync(join(ROOT, path), 'utf8'))].join(
    '\n',
  );
}

function optionsIn(words: readonly string[]): string[] {
  return words
    .filter((word) => /^-{1,2}[a-zA-Z]/.test(word))
    .map((word) => (word.startsWith('--') ? (word.split('=')[0] ?? '') : word.slice(0, 2)));
}
