import type { Argument, Command, Option } from 'commander';

/** Names that only a checkout or this machine knows. */
export type NameKind = 'services' | 'targets' | 'releases' | 'instances' | 'templates';

export interface Candidate {
  readonly value: string;
  readonly description: string;
}

/** What could stand at the end of a command line. */
export type Wanted =
  | { readonly kind: 'words'; readonly words: readonly Candidate[] }
  | { readonly kind: 'names'; readonly of: NameKind }
  | { readonly kind: 'files' | 'folders' | 'nothing' };

export interface CompletedLine {
  readonly wanted: Wanted;
  /** What the last word has before the value that is completed: `--target=`, or nothing. */
  readonly prefix: string;
  /** What the words before have said: the first argument, and the values of options by their long names. */
  readonly said: { readonly first: string | undefined; readonly values: ReadonlyMap<string, string> };
}

interface Read {
  command: Command;
  positionals: string[];
  values: Map<string, string>;
  used: Set<Option>;
  /** The option whose value comes next. */
  open: Option | undefined;
  onlyPositionals: boolean;
}

const nothing: Wanted = { kind: 'nothing' };

/**
 * What may come where the last of `words` stands, which is empty when nothing has been typed of it. bash hands over
 * `--target=x` as three words, zsh and fish as one.
 */
export function completeLine(launch: Command, words: readonly string[]): CompletedLine {
  const read = readWords(launch, words.slice(0, -1));
  const last = words.at(-1) ?? '';
  const said = { first: read.positionals[0], values: read.values };
  if (read.open !== undefined) return { wanted: ofOption(read.open), prefix: '', said };
  const [, prefix, name] = /^((--[\w-]+)=)/.exec(last) ?? [];
  if (prefix !== undefined && !read.onlyPositionals) {
    const option = optionsOf(read.command).find(({ long }) => long === name);
    return { wanted: option === undefined ? nothing : ofOption(option), prefix, said };
  }
  const isOption = last.startsWith('-') && !read.onlyPositionals;
  return { wanted: isOption ? optionWords(read) : ofPosition(read), prefix: '', said };
}

function readWords(launch: Command, words: readonly string[]): Read {
  const read: Read = {
    command: launch,
    positionals: [],
    values: new Map(),
    used: new Set(),
    open: undefined,
    onlyPositionals: false,
  };
  for (const word of words) {
    if (read.onlyPositionals || (!word.startsWith('-') && read.open === undefined))
      takePositional(read, word);
    else if (read.open === undefined) takeOption(read, word);
    // As bash splits `--target=x`.
    else if (word !== '=') {
      read.values.set(read.open.long ?? '', word);
      read.open = undefined;
    }
  }
  return read;
}

function takePositional(read: Read, word: string): void {
  const below = visibleCommands(read.command).find((it) => it.name() === word);
  if (below === undefined) read.positionals.push(word);
  else read.command = below;
}

function takeOption(read: Read, word: string): void {
  if (word === '--') {
    read.onlyPositionals = true;
    return;
  }
  const [, name = word, value] = /^(--[\w-]+)=(.*)$/s.exec(word) ?? [];
  const option = optionsOf(read.command).find(({ long, short }) => long === name || short === name);
  if (option === undefined) return;
  read.used.add(option);
  if (value !== undefined) read.values.set(option.long ?? '', value);
  else if (option.required) read.open = option;
}

function optionWords({ command, used }: Read): Wanted {
  const words = optionsOf(command)
    .filter((option) => !used.has(option) || isRepeatable(option))
    .map((option) => ({ value: option.long ?? option.short ?? '', description: option.description }));
  return { kind: 'words', words };
}

function isRepeatable(option: Option): boolean {
  return option.variadic || Array.isArray(option.defaultValue);
}

function ofPosition({ command, positionals }: Read): Wanted {
  const below = visibleCommands(command);
  if (below.length > 0) {
    const words = below.map((it) => ({ value: it.name(), description: it.description() }));
    return positionals.length > 0 ? nothing : { kind: 'words', words };
  }
  const all = command.registeredArguments;
  const last = all.at(-1);
  const argument = all[positionals.length] ?? (last?.variadic === true ? last : undefined);
  return argument === undefined ? nothing : ofArgument(argument);
}

function ofArgument(argument: Argument): Wanted {
  if (argument.argChoices !== undefined) return choices(argument.argChoices);
  const kinds: Readonly<Record<string, NameKind>> = { service: 'services', instance: 'instances' };
  const of = kinds[argument.name()];
  return of === undefined ? nothing : { kind: 'names', of };
}

/** By what its value is called in `--help`. */
function ofOption(option: Option): Wanted {
  if (option.argChoices !== undefined) return choices(option.argChoices);
  if (option.long === '--target') return { kind: 'names', of: 'targets' };
  if (option.long === '--template') return { kind: 'names', of: 'templates' };
  const value = /[<[]([\w-]+)/.exec(option.flags)?.[1];
  if (value === 'release') return { kind: 'names', of: 'releases' };
  if (value === 'folder') return { kind: 'folders' };
  return value === 'file' ? { kind: 'files' } : nothing;
}

function choices(values: readonly string[]): Wanted {
  return { kind: 'words', words: values.map((value) => ({ value, description: '' })) };
}

function optionsOf(command: Command): readonly Option[] {
  return command.createHelp().visibleOptions(command);
}

function visibleCommands(command: Command): readonly Command[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((it) => it.name() !== 'help');
}
