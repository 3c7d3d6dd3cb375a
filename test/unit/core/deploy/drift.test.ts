import { describe, expect, it } from '@jest/globals';
import { driftOf, type RunningContainer } from '../../../../src/core/deploy/drift.ts';
import type { Release } from '../../../../src/core/deploy/release.ts';

const release: Release = {
  format: 1,
  id: 'r1',
  service: 'shop',
  target: 'homelab',
  repository: 'octo/shop',
  driver: 'compose',
  status: 'deployed',
  commit: '',
  fingerprint: '',
  seal: '',
  secretNames: [],
  at: '',
  folder: '',
  mounts: [],
  images: { web: { name: 'nginx:1', id: 'sha256:1' } },
  containers: [{ id: 'a', name: 'shop-web-1', service: 'web' }],
};
const web: RunningContainer = {
  id: 'a',
  name: 'shop-web-1',
  service: 'web',
  image: 'sha256:1',
  status: 'running',
  isLasting: true,
};

describe('drift', () => {
  it.each<[string, RunningContainer[], string[], boolean | undefined]>([
    ['none', [web], [], undefined],
    ['gone', [], ['shop-web-1 is gone'], undefined],
    ['replaced', [{ ...web, id: 'b' }], ['shop-web-1 was replaced'], undefined],
    [
      'another one',
      [web, { ...web, id: 'b', name: 'shop-web-2' }],
      ['shop-web-2 was not released'],
      undefined,
    ],
    [
      'another image',
      [{ ...web, id: 'b', image: 'sha256:2' }],
      ['shop-web-1 was replaced', 'shop-web-1 runs another image than nginx:1 was'],
      undefined,
    ],
    ['stopped', [{ ...web, status: 'exited' }], ['shop-web-1 was stopped'], undefined],
    ['a job that has ended', [{ ...web, status: 'exited', isLasting: false }], [], undefined],
    ['ended, with nothing to start it again', [{ ...web, status: 'exited', isLasting: false }], [], false],
    [
      'ended, though it ran when it was released',
      [{ ...web, status: 'exited', isLasting: false }],
      ['shop-web-1 has ended'],
      true,
    ],
  ])('%s', (_title, now, expected, running) => {
    const containers = release.containers.map((it) => ({ ...it, running }));
    expect(driftOf({ ...release, containers }, now)).toEqual(expected);
  });
});
