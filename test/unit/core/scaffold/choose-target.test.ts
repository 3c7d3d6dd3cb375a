import { describe, expect, it } from '@jest/globals';
import { launchFile } from '../../../../src/core/config/launch-file.ts';
import { chooseTarget } from '../../../../src/core/scaffold/choose-target.ts';

const config = (value: object) => launchFile.parse(value);
const home = { 'runs-on': 'self-hosted' };
const edge = { 'runs-on': 'ubuntu-latest', driver: 'worker' };

describe('the target of a new service', () => {
  it('is left to the default where that fits', () => {
    const two = config({ targets: { home, edge }, defaults: { target: 'home' } });
    expect(chooseTarget(two, 'compose', undefined)).toEqual({ kind: 'default', name: 'home' });
    expect(chooseTarget(config({ targets: { home } }), 'script', undefined)).toEqual({
      kind: 'default',
      name: 'home',
    });
    expect(chooseTarget(config({}), 'compose', undefined)).toEqual({ kind: 'default', name: undefined });
  });

  it('is the only one that fits, one of several, or none', () => {
    const two = { targets: { home, edge }, defaults: { target: 'home' } };
    expect(chooseTarget(config(two), 'worker', undefined)).toEqual({ kind: 'named', name: 'edge' });
    expect(chooseTarget(config({ targets: { home, aws: home } }), 'compose', undefined)).toEqual({
      kind: 'open',
      names: ['home', 'aws'],
    });
    expect(chooseTarget(config({ targets: { home } }), 'worker', undefined)).toEqual({ kind: 'none' });
    expect(chooseTarget(config({}), 'worker', undefined)).toEqual({ kind: 'none' });
  });

  it('is what was asked for, if there is one and it fits', () => {
    const two = config({ targets: { home, edge } });
    expect(chooseTarget(two, 'worker', 'edge')).toEqual({ kind: 'named', name: 'edge' });
    expect(() => chooseTarget(two, 'worker', 'home')).toThrow(/not for the driver "worker".*These are: edge/);
    expect(() => chooseTarget(two, 'compose', 'hom')).toThrow(/Did you mean "home"/);
  });
});
