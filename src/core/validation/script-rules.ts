import { printable } from '../names.ts';
import type { Problem } from '../problem.ts';
import { hasShellEnding, shebangOf } from './shell-script.ts';

/** A text file that may be a script, as git and the disk have it. */
export interface ScriptFile {
  readonly path: string;
  readonly text: string;
  /** In git's index; undefined where git does not know the file. */
  readonly executableInGit: boolean | undefined;
  readonly executableOnDisk: boolean;
  /** What Launch starts it as: `deploy.sh`, a hook, a health check; undefined for any other file. */
  readonly startedAs: string | undefined;
}

/** Whether a script can be started as it is: permission, shebang, line endings. */
export function scriptProblems(script: ScriptFile, service: string): Problem[] {
  const hasShebang = shebangOf(script.text) !== undefined;
  const isScript = hasShebang || script.startedAs !== undefined || hasShellEnding(script.path);
  if (!isScript) return [];
  return [
    ...shebangProblems(script, hasShebang),
    ...permissionProblems(script, hasShebang),
    ...lineEndingProblems(script),
  ].map((problem) => ({ ...problem, service }));
}

function shebangProblems(script: ScriptFile, hasShebang: boolean): Problem[] {
  if (hasShebang || (script.startedAs === undefined && !isExecutable(script))) return [];
  const bom = script.text.startsWith('\u{feff}');
  return [
    {
      rule: 'script-without-shebang',
      severity: 'error',
      message: bom
        ? `${nameOf(script)} begins with a byte order mark, which hides its shebang.`
        : `${nameOf(script)} has no shebang.`,
      remedy: bom
        ? 'Save it as UTF-8 without a byte order mark.'
        : 'Make its first line `#!/usr/bin/env bash`.',
      place: { file: script.path, line: 1 },
    },
  ];
}

/** A library that is sourced needs no permission; one with a shebang at least looks like a program. */
function permissionProblems(script: ScriptFile, hasShebang: boolean): Problem[] {
  if (isExecutable(script) || (script.startedAs === undefined && !hasShebang)) return [];
  const inGit = script.executableInGit === false;
  const remedy = inGit
    ? `Run: git update-index --chmod=+x ${quoted(script.path)}`
    : `Run: chmod +x ${quoted(script.path)}, then git add it.`;
  return [
    {
      rule: 'script-not-executable',
      severity: script.startedAs === undefined ? 'warning' : 'error',
      message: `${nameOf(script)} is not executable ${inGit ? "in git's index" : 'on disk'}.`,
      remedy:
        script.startedAs === undefined ? `${remedy} Or drop its shebang when it is only sourced.` : remedy,
      place: { file: script.path, line: 1 },
    },
  ];
}

function lineEndingProblems(script: ScriptFile): Problem[] {
  const cr = script.text.indexOf('\r\n');
  if (cr < 0) return [];
  return [
    {
      rule: 'crlf-line-endings',
      severity: 'error',
      message: `${nameOf(script)} has Windows line endings.`,
      remedy: 'Save it with LF endings, and put `*.sh text eol=lf` into .gitattributes.',
      place: { file: script.path, line: lineAt(script.text, cr) },
    },
  ];
}

function isExecutable(script: ScriptFile): boolean {
  return script.executableInGit !== false && script.executableOnDisk;
}

function nameOf({ path }: ScriptFile): string {
  return printable(path.slice(path.lastIndexOf('/') + 1));
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}

/** A path as a person can paste it into a shell. */
function quoted(path: string): string {
  const shown = printable(path);
  return /^[\w./-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", `'\\''`)}'`;
}
