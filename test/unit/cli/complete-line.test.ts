import { expect, it } from '@jest/globals';
import { completeLine } from '../../../src/cli/complete/wanted.ts';
import { program } from '../../support/command-tree.ts';

const complete = (...words: string[]) => completeLine(program(), words);
const valuesOf = (...words: string[]) => {
  const { wanted } = complete(...words);
  return wanted.kind === 'words' ? wanted.words.map(({ value }) => value) : wanted;
};

it('offers the commands first, and none that people never see', () => {
  expect(valuesOf('')).toEqual(expect.arrayContaining(['deploy', 'status', 'completion']));
  expect(valuesOf('de')).not.toContain('__complete');
  expect(valuesOf()).toContain('deploy');
  expect(valuesOf('-')).toEqual(expect.arrayContaining(['--help', '--version']));
});

it('offers options with what they do, and none twice that can be given once', () => {
  const { wanted } = complete('deploy', '--');
  expect(wanted).toMatchObject({
    words: expect.arrayContaining([{ value: '--dry-run', description: expect.stringContaining('show') }]),
  });
  expect(valuesOf('deploy', '--force', '--env', 'A=b', '-')).not.toContain('--force');
  expect(valuesOf('deploy', '--force', '--env', 'A=b', '-')).toContain('--env');
});

it('knows what a value is', () => {
  expect(valuesOf('deploy', '')).toEqual({ kind: 'names', of: 'services' });
  expect(valuesOf('deploy', 'web', '')).toEqual({ kind: 'names', of: 'services' });
  expect(valuesOf('rollback', 'web', '')).toEqual({ kind: 'nothing' });
  expect(valuesOf('rollback', 'web', '--to', '')).toEqual({ kind: 'names', of: 'releases' });
  expect(valuesOf('plan', '--target', '')).toEqual({ kind: 'names', of: 'targets' });
  expect(valuesOf('instance', 'status', '')).toEqual({ kind: 'names', of: 'instances' });
  expect(valuesOf('new', 'web', '--template', '')).toEqual({ kind: 'names', of: 'templates' });
  expect(valuesOf('deploy', '--secrets-file', '')).toEqual({ kind: 'files' });
  expect(valuesOf('gpu', 'ensure', '--authorized-keys', '')).toEqual({ kind: 'files' });
  expect(valuesOf('deploy', '-C', '')).toEqual({ kind: 'folders' });
  expect(valuesOf('history', 'web', '--limit', '')).toEqual({ kind: 'nothing' });
  expect(valuesOf('edge', '')).toEqual(['up', 'status', 'down']);
  expect(valuesOf('notify', '--status', '')).toContain('failure');
  expect(valuesOf('completion', '')).toEqual(['bash', 'zsh', 'fish']);
});

it('takes --option=value as one word, and as the three that bash makes of it', () => {
  expect(complete('edge', 'up', '--tls=a')).toMatchObject({ prefix: '--tls=', wanted: { kind: 'words' } });
  expect(valuesOf('edge', 'up', '--tls', '=', 'a')).toEqual(['auto', 'off']);
  expect(valuesOf('edge', 'up', '--tls', '=', 'auto', '')).toEqual({ kind: 'nothing' });
  expect(valuesOf('edge', 'up', '--nothing=')).toEqual({ kind: 'nothing' });
});

it('tells what the words before say', () => {
  const { said } = complete('rollback', '--state-dir=/s', 'web', '-C', '/shop', '--to', '');
  expect(said.first).toBe('web');
  expect(Object.fromEntries(said.values)).toEqual({ '--state-dir': '/s', '--directory': '/shop' });
});

it('offers no option behind --, and nothing for words that mean nothing', () => {
  expect(valuesOf('deploy', '--', '--')).toEqual({ kind: 'names', of: 'services' });
  expect(valuesOf('explode', '')).toEqual({ kind: 'nothing' });
  expect(valuesOf('constructor', '--__proto__=x', '')).toEqual({ kind: 'nothing' });
});
