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
});
