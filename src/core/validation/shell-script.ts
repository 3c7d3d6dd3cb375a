/** The shells that ShellCheck knows; zsh and fish are other languages. */
export type Shell = 'sh' | 'bash' | 'dash' | 'ksh';

/** The first line of a script, taken apart. */
export interface Shebang {
  /** The program that is started: `bash` of `#!/usr/bin/env -S bash -e`. */
  readonly program: string;
}

/** The shebang of a text, or undefined when the kernel sees none: it looks at the first two bytes only. */
export function shebangOf(text: string): Shebang | undefined {
  if (!text.startsWith('#!')) return undefined;
  const line = text.slice(2, 258).split('\n', 1)[0] ?? '';
  const [first, ...rest] = line.trim().split(/[ \t]+/);
  if (first === undefined || first === '') return undefined;
  const program = baseName(first);
  return { program: program === 'env' ? baseName(envProgram(rest)) : program };
}

/** What `env` starts: after its options and the variables it sets; `-S` and `-S...` split the rest. */
function envProgram(words: readonly string[]): string {
  for (const word of words) {
    const bare = word.replace(/^(?:-S|-\w*S|--split-string=)/, '');
    if (bare === '' || bare.startsWith('-') || /^[A-Za-z_]\w*=/.test(bare)) continue;
    return bare;
  }
  return '';
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\r$/, '');
}

const shells: Readonly<Record<string, Shell>> = {
  sh: 'sh',
  ash: 'dash',
  dash: 'dash',
  bash: 'bash',
  bats: 'bash',
  ksh: 'ksh',
  ksh88: 'ksh',
  ksh93: 'ksh',
  mksh: 'ksh',
  oksh: 'ksh',
};

/** The shell a program is, or undefined when it is none that ShellCheck knows. */
export function shellOf(program: string): Shell | undefined {
  return Object.hasOwn(shells, program) ? shells[program] : undefined;
}

/** Whether a name says that the file is a shell script: what ShellCheck knows, and what is none of it. */
export function hasShellEnding(path: string): boolean {
  return /\.(?:sh|bash|dash|ksh|bats)$/i.test(path);
}

/**
 * Whether ShellCheck has to look at a text: by its shebang, or without one by its ending. `deploy.sh` with a
 * Python shebang is Python.
 */
export function isShellScript(path: string, text: string): boolean {
  const shebang = shebangOf(text.startsWith('\u{feff}') ? text.slice(1) : text);
  return shebang === undefined ? hasShellEnding(path) : shellOf(shebang.program) !== undefined;
}
