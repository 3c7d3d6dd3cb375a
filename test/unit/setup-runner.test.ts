import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { joinSetup, printing } from '../../scripts/generate/setup-runner.ts';
import { ROOT } from '../support/source-tree.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const script = read('scripts/setup-runner.sh');

describe('setup-runner.sh', () => {
  it('is one file: it fetches no part of itself, runs only when it is whole, and never traces its commands', () => {
    expect(script).not.toMatch(/^\s*(source|\.) /m);
    expect(script).not.toMatch(/set -x|xtrace|\beval\b/);
    expect(script.trimEnd().split('\n').at(-1)).toBe('main "$@"');
  });

  it('installs the gate and the registration as they are in their files', () => {
    expect(script).toContain(read('scripts/setup-runner/job-started.sh').trimEnd());
    expect(script).toContain(read('scripts/setup-runner/register.sh').trimEnd());
  });

  it('pins the runner by version and checksum, as the document says', () => {
    expect(script).toMatch(/^readonly PINNED_SHA256_ARM64=[0-9a-f]{64}$/m);
    const version = /^readonly PINNED_VERSION=(\d+\.\d+\.\d+)$/m.exec(script)?.[1];
    const sum = /^readonly PINNED_SHA256_X64=([0-9a-f]{64})$/m.exec(script)?.[1];
    expect(read('docs/runners.md')).toContain(`--version ${version} \\\n  --sha256 ${sum}\n`);
  });

  it('says in its help what each option does', () => {
    const help = script.slice(0, script.indexOf('\nset -euo'));
    const parser = script.slice(script.indexOf('parse_options() {'), script.indexOf('take_value() {'));
    const options = new Set(
      Array.from(parser.matchAll(/(--[a-z][a-z0-9-]+)(?= \||\))/g), ([, option = '']) => option),
    );
    expect(options.size).toBeGreaterThan(14);
    expect([...options].filter((option) => !help.includes(option))).toEqual([]);
  });
});

describe('joining', () => {
  it('puts the embedded scripts before the last part, and drops directives', () => {
    expect(joinSetup(['a\n', '# shellcheck shell=bash\n\nb\n', 'main\n'], [printing('f', 'x\n')])).toBe(
      "a\n\nb\n\nf() {\n  cat <<'END_OF_F'\nx\nEND_OF_F\n}\n\nmain\n",
    );
  });

  it('refuses a script that holds its end marker', () => {
    expect(() => printing('f', 'END_OF_F\n')).toThrow('END_OF_F');
  });
});
