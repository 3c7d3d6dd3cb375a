import { describe, expect, it } from '@jest/globals';
import * as z from 'zod/mini';
import { launchFile } from '../../../../src/core/config/launch-file.ts';
import { builtInTarget, chooseTargets, findTarget } from '../../../../src/core/targets/target.ts';

const place = { file: 'services/api/service.yml' };
const none = z.parse(launchFile, {});
const declared = z.parse(launchFile, {
  targets: {
    homelab: { 'runs-on': ['self-hosted', 'homelab'], host: '192.0.2.10' },
    aws: { 'runs-on': 'aws', environment: 'production', 'secret-prefix': 'AWS_', driver: 'script' },
  },
});

describe('findTarget', () => {
  it('gives a declared one with its settings', () => {
    expect(findTarget(declared, 'homelab', place)).toEqual({
      name: 'homelab',
      runsOn: ['self-hosted', 'homelab'],
      host: '192.0.2.10',
    });
    expect(findTarget(declared, 'aws', place)).toEqual({
      name: 'aws',
      runsOn: 'aws',
      environment: 'production',
      secretPrefix: 'AWS_',
      driver: 'script',
    });
  });

  it('takes an undeclared name for a label only where none is declared', () => {
    expect(findTarget(none, 'attic', place)).toEqual({ name: 'attic', runsOn: ['self-hosted', 'attic'] });
    expect(findTarget(none, 'default', place)).toEqual(builtInTarget);
    expect(() => findTarget(declared, 'homlab', place)).toThrow(
      /There is no target "homlab"\. \(services\/api\/service\.yml\) Did you mean "homelab"\? Declared in launch\.yml: homelab, aws\./,
    );
  });

  it.each(['../x', 'a b', 'A', '', 'x\ny', '-x', 'constructor name', `${'x'.repeat(64)}`])(
    'refuses %j',
    (name) => {
      expect(() => findTarget(none, name, place)).toThrow(
        expect.objectContaining({ code: 'TARGET_UNKNOWN' }),
      );
    },
  );

  it('does not find what every object has', () => {
    expect(() => findTarget(declared, 'constructor', place)).toThrow(/There is no target "constructor"/);
  });
});

describe('chooseTargets', () => {
  it('takes the first rule that names one', () => {
    const input = { names: ['a'], source: 'input', place } as const;
    const file = { names: ['b'], source: 'service.yml', place } as const;
    expect(chooseTargets([undefined, input, file])).toBe(input);
    expect(chooseTargets([undefined, file])).toBe(file);
    expect(chooseTargets([undefined])).toBeUndefined();
  });
});
