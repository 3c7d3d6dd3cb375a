import { describe, expect, it } from '@jest/globals';
import { readYaml } from '../../../../src/core/config/yaml-source.ts';
import { noServiceFile } from '../../../../src/core/project/service.ts';
import { opaqueShape } from '../../../../src/core/project/shape.ts';
import { holdsOn, onEveryTarget, perTarget, placeIn } from '../../../../src/core/validation/per-target.ts';
import type { ServiceSources } from '../../../../src/core/validation/service-sources.ts';
import { portsOfService } from '../../../../src/core/validation/target-ports.ts';

const text = `env: { A: "1" }
health: []
targets:
  homelab:
  lab: {}
  aws:
    env: { B: "2" }
    health: []
    ports: { web: ["8081:80"] }
`;

function service(targets: ServiceSources['settings']): ServiceSources {
  const read = readYaml(text, 's.yml');
  return {
    name: 'a',
    folder: {
      name: 'a',
      path: 'services/a',
      contentPath: 'services/a',
      kind: 'folder',
      id: '',
      shape: opaqueShape,
    },
    settings: targets,
    manifest: read.ok ? read.yaml : undefined,
    manifestPath: 's.yml',
    shared: [],
    env: { A: '1' },
  };
}

const different = service({
  ...noServiceFile,
  env: { A: '1' },
  targets: { homelab: null, lab: {}, aws: { env: { B: '2' }, health: [], ports: { web: ['8081:80'] } } },
});

describe('perTarget', () => {
  it('tells apart only what differs', () => {
    const variants = perTarget(different);
    expect(variants.map(({ onTargets, env }) => [onTargets, env])).toEqual([
      [['homelab', 'lab'], { A: '1' }],
      [['aws'], { A: '1', B: '2' }],
    ]);
    expect(variants.map((it) => [holdsOn(it, 'lab'), holdsOn(it, 'aws')])).toEqual([
      [true, false],
      [false, true],
    ]);
    for (const settings of [undefined, noServiceFile, { ...noServiceFile, targets: ['a', 'b'] }]) {
      const plain = service(settings);
      expect(perTarget(plain)).toEqual([plain]);
      expect(holdsOn(plain, 'anything')).toBe(true);
    }
  });

  it('finds the line that holds', () => {
    const [plain, aws] = perTarget(different);
    const lines = [['health'], ['env', 'A'], ['env', 'B'], ['drain']].map((path) => [
      plain && placeIn(plain, path).line,
      aws && placeIn(aws, path).line,
    ]);
    expect(lines).toEqual([
      [2, 8],
      [1, 1],
      [1, 7],
      [1, 1],
    ]);
  });
});

describe('onEveryTarget', () => {
  const problem = (message: string) => ({
    rule: 'x',
    severity: 'error' as const,
    message,
    remedy: '',
    place: { file: 'f' },
  });

  it('says once what holds everywhere, and of the rest where', () => {
    const found = onEveryTarget(different, ({ env }) => [
      problem('Everywhere.'),
      ...(env['B'] === undefined ? [problem('No B.')] : []),
    ]);
    expect(found.map(({ message }) => message)).toEqual(['Everywhere.', 'No B (on "homelab", "lab").']);
  });
});

describe('portsOfService', () => {
  it('puts the ports of the target in the place of those of the file', () => {
    const [plain, aws] = perTarget(different);
    expect(plain && portsOfService(plain, [])).toEqual([]);
    expect(aws && portsOfService(aws, [])).toMatchObject([
      { service: 'web', port: 8081, protocol: 'tcp', file: 's.yml', line: 9, oneOfMany: false },
    ]);
  });
});
