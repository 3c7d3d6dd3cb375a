// What a runner makes of a step's log and of the files it handed to the step.

/** An `::error::`, `::warning::` or `::notice::`, as the runner would show it. */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly message: string;
  readonly title?: string;
  readonly file?: string;
  readonly line?: number;
  readonly endLine?: number;
  readonly column?: number;
}

export interface Command {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly message: string;
}

/** Commands in the log that mean something to a runner today; other `::word::` lines are just text. */
const known = new Set([
  'add-mask',
  'add-matcher',
  'debug',
  'echo',
  'endgroup',
  'error',
  'group',
  'notice',
  'remove-matcher',
  'save-state',
  'set-env',
  'set-output',
  'add-path',
  'warning',
]);

/** The workflow commands in a log, in order; those between `stop-commands` and its token are not carried out. */
export function workflowCommands(log: string): Command[] {
  const commands: Command[] = [];
  let stopped: string | undefined;
  for (const line of log.split(/\r?\n/)) {
    const command = parseCommand(line);
    if (command === undefined) continue;
    if (stopped !== undefined) {
      if (command.name === stopped) stopped = undefined;
    } else if (command.name === 'stop-commands') stopped = command.message;
    else if (known.has(command.name)) commands.push(command);
  }
  return commands;
}

export function annotationsOf(commands: readonly Command[]): Annotation[] {
  return commands.flatMap(({ name, properties, message }) => {
    if (name !== 'error' && name !== 'warning' && name !== 'notice') return [];
    const { title, file, line, endLine, col } = properties;
    return {
      level: name,
      message,
      ...(title === undefined ? {} : { title }),
      ...(file === undefined ? {} : { file }),
      ...(line === undefined ? {} : { line: Number(line) }),
      ...(endLine === undefined ? {} : { endLine: Number(endLine) }),
      ...(col === undefined ? {} : { column: Number(col) }),
    };
  });
}

/** `NAME=value` lines and `NAME<<delimiter` blocks of GITHUB_OUTPUT, GITHUB_ENV and GITHUB_STATE. */
export function parseFileCommands(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = text.split(/\r?\n/);
  while (lines.length > 0) {
    const line = lines.shift() ?? '';
    if (line === '') continue;
    const heredoc = /^([^=]+?)<<(.+)$/.exec(line);
    if (heredoc !== null) {
      const [, name = '', delimiter = ''] = heredoc;
      const end = lines.indexOf(delimiter);
      // The runner fails the step as a whole then.
      if (end < 0) throw new Error(`the value of "${name}" has no line with its delimiter "${delimiter}"`);
      values[name] = lines
        .splice(0, end + 1)
        .slice(0, -1)
        .join('\n');
      continue;
    }
    const equals = line.indexOf('=');
    if (equals < 1) throw new Error(`invalid line in a file command: "${line}"`);
    values[line.slice(0, equals)] = line.slice(equals + 1);
  }
  return values;
}

/** `::name key=value,key=value::message` at a line's start, or the old `##[name key=value;]message` anywhere. */
function parseCommand(line: string): Command | undefined {
  const current = /^\s*::([^\s:]+)(?:\s+(.*?))?::(.*)$/s.exec(line);
  if (current !== null) {
    const [, name = '', properties = '', message = ''] = current;
    return {
      name: name.toLowerCase(),
      properties: parseProperties(properties, ','),
      message: unescapeData(message),
    };
  }
  const old = /##\[([^\s\]]+)(?:\s+([^\]]*))?\](.*)$/s.exec(line);
  if (old === null) return undefined;
  const [, name = '', properties = '', message = ''] = old;
  return { name: name.toLowerCase(), properties: parseProperties(properties, ';'), message };
}

function parseProperties(text: string, separator: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split(separator)
      .map((pair) => pair.trim())
      .filter((pair) => pair.includes('='))
      .map((pair) => {
        const equals = pair.indexOf('=');
        const value = pair
          .slice(equals + 1)
          .replaceAll('%3A', ':')
          .replaceAll('%2C', ',');
        return [pair.slice(0, equals), unescapeData(value)];
      }),
  );
}

function unescapeData(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
}
