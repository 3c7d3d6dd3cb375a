import { describe, expect, it } from '@jest/globals';
import { sharedPatterns } from '../../../../src/core/changes/service-patterns.ts';
import { noLaunchFile } from '../../../../src/core/project/project.ts';
import { opaqueShape } from '../../../../src/core/project/shape.ts';
import { reachOf } from '../../../../src/core/validation/reach.ts';
import type { ServiceSources } from '../../../../src/core/validation/service-sources.ts';

function service(...paths: string[]): ServiceSources {
  const path = 'services/web';
  const config = { ...noLaunchFile, shared: [{ paths, services: '*' as const }] };
  return {
    name: 'web',
    folder: { name: 'web', path, contentPath: path, kind: 'folder', id: '', shape: opaqueShape },
    settings: undefined,
    manifest: undefined,
    manifestPath: `${path}/service.yml`,
    shared: sharedPatterns(config, '', 'launch.yml').flatMap(({ patterns }) => patterns),
    env: {},
  };
}

describe('a path that launch.yml shares', () => {
  it.each([
    ['common/**', '../../common/base.env', 'input'],
    ['common/**', '../../common', 'input'],
    ['common', '../../common/deep/base.env', 'input'],
    ['common/*.env', '../../common/base.env', 'input'],
    ['common/*.env', '../../common/base.yml', 'undeclared'],
    ['common/*.env', '../../common', 'undeclared'],
    ['common/**', '../../commons/base.env', 'undeclared'],
    ['common/**', './own', 'own'],
    ['common/**', '../../../common/base.env', 'outside'],
  ])('%s makes %s %s', (shared, path, kind) => {
    expect(reachOf(service(shared), path).kind).toBe(kind);
  });
});
