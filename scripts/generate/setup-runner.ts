import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Generator } from './generator.ts';

const folder = 'scripts/setup-runner';

/** In this order: functions may be used before they are defined, but `main.sh` runs them. */
const parts = [
  'header',
  'constants',
  'settings',
  'record',
  'packages',
  'host',
  'github',
  'runner',
  'units',
  'prove',
  'remove',
  'main',
] as const;

/** Scripts that it installs, by the function that prints each. */
const installed = { job_started_hook: 'job-started', register_script: 'register' } as const;

/** `setup-runner.sh` in one file: a fresh machine has nothing but that. */
export const setupRunner: Generator = {
  name: 'runner set-up',
  run(root) {
    const read = (part: string) => readFileSync(join(root, folder, `${part}.sh`), 'utf8');
    const embedded = Object.entries(installed).map(([name, part]) => printing(name, read(part)));
    return new Map([['scripts/setup-runner.sh', joinSetup(parts.map(read), embedded)]]);
  },
};

/** One script of these parts; the last one is `main`, and comes after the functions that print other scripts. */
export function joinSetup(sources: readonly string[], embedded: readonly string[]): string {
  const bodies = sources.map((source) => source.replace(/^# shellcheck shell=.*\n+/, ''));
  return [...bodies.slice(0, -1), ...embedded, ...bodies.slice(-1)].join('\n');
}

/** A function that prints a script as it is. */
export function printing(name: string, script: string): string {
  const marker = `END_OF_${name.toUpperCase()}`;
  if (script.split('\n').includes(marker)) throw new Error(`A script has the line ${marker}.`);
  return `${name}() {\n  cat <<'${marker}'\n${script.trimEnd()}\n${marker}\n}\n`;
}
