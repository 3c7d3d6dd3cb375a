import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { launchFile } from '../../../../src/core/config/launch-file.ts';
import { newLaunchYml, withTarget } from '../../../../src/core/scaffold/launch-yml.ts';

const edge = { 'runs-on': 'ubuntu-latest', driver: 'worker' } as const;

describe('a new launch.yml', () => {
  it('says what was answered, and which schema it has', () => {
    const labels = ['self-hosted', 'home: lab #1', 'yes'];
    const text = newLaunchYml({ name: 'homelab', labels, host: '192.0.2.10' }, '.launch/launch.schema.json');
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.launch\/launch\.schema\.json\n/);
    expect(launchFile.parse(parse(text))).toMatchObject({
      targets: { homelab: { 'runs-on': labels, host: '192.0.2.10' } },
      defaults: { target: 'homelab' },
    });
    expect(text).not.toContain('environment');
  });
});

describe('a target more', () => {
  it('leaves everything else as it was, comments too', () => {
    const before = `# Ours.
services: apps/*

targets:
  # At home.
  homelab: { runs-on: [self-hosted, homelab], host: 192.0.2.10 } # the cellar
defaults: { target: homelab }
`;
    expect(withTarget(before, 'edge', edge)).toBe(
      before.replace('cellar\n', 'cellar\n  edge: { runs-on: ubuntu-latest, driver: worker }\n'),
    );
  });

  it.each(['', '# Nothing yet.\n', 'targets:\n', 'targets: {}\n'])('is the first of %j', (before) => {
    const text = withTarget(before, 'edge', edge);
    expect(parse(text)).toEqual({ targets: { edge } });
    if (before.startsWith('#')) expect(text).toContain('# Nothing yet.');
  });

  it.each([
    '# Ours.\ntargets:\n  home: { runs-on: x } # the cellar\n',
    'targets:\n  home: { runs-on: x }',
    'targets: { home: { runs-on: x } } # flow\n',
    '{ targets: { home: { runs-on: x } } }\n',
    'defaults:\n  enabled: true\ntargets:\n  home: { runs-on: x }\n',
    'defaults:\ntargets:\n  home: { runs-on: x }\n',
  ])('makes the only one that was there the default: %j', (before) => {
    const text = withTarget(before, 'edge', edge);
    expect(parse(text)).toMatchObject({
      targets: { home: { 'runs-on': 'x' }, edge },
      defaults: { ...parse(before).defaults, target: 'home' },
    });
    if (before.startsWith('#')) expect(text.startsWith(before)).toBe(true);
  });

  it('names no default where the file does, or several were there', () => {
    const two = 'targets:\n  a: { runs-on: x }\n  b: { runs-on: y }\n';
    expect(parse(withTarget(two, 'edge', edge))).not.toHaveProperty('defaults');
  });
});
