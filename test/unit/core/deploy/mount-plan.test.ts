import { describe, expect, it } from '@jest/globals';
import { composeAdditions, composeEntry } from '../../../../src/core/deploy/additions.ts';
import type { ComposeModel } from '../../../../src/core/deploy/compose-model.ts';
import { mountedPaths, planMounts, type Tracked } from '../../../../src/core/deploy/mount-plan.ts';

const state = '/var/lib/launch/o/r/t/s';
const snapshot = `${state}/releases/1/snapshot`;
const context = { state, snapshot, file: 'services/s/compose.yml' };
const model: ComposeModel = {
  name: 's',
  services: {
    web: {
      image: 'nginx',
      volumes: [
        { type: 'bind', source: `${snapshot}/services/s/html`, target: '/html', read_only: true },
        { type: 'bind', source: `${snapshot}/services/s/da$$ta`, target: '/data' },
        { type: 'bind', source: '/var/run/docker.sock', target: '/sock' },
        { type: 'volume', source: 'named', target: '/named' },
      ],
      configs: [{ source: 'conf' }],
    },
    db: { image: 'db' },
  },
  configs: { conf: { file: `${snapshot}/services/s/app.conf` } },
};
const known: Record<string, Tracked> = {
  'services/s/html': { kind: 'folder', id: 'aaa', executable: false, path: 'services/s/html' },
  'services/s/app.conf': { kind: 'file', id: 'bbb', executable: true, path: 'services/s/app.conf' },
};
const plan = () => planMounts(mountedPaths(model, context), (path) => known[path]);

describe('mounts', () => {
  it('are content where git tracks them, data where it does not', () => {
    expect([...plan().sources]).toEqual([
      [
        'services/s/app.conf',
        { kind: 'content', key: 'bbb-x', name: 'app.conf', path: 'services/s/app.conf' },
      ],
      ['services/s/da$ta', { kind: 'data', path: 'services/s/da$ta' }],
      ['services/s/html', { kind: 'content', key: 'aaa', name: 'html', path: 'services/s/html' }],
    ]);
  });

  it('refuse a source inside of the state, but outside of the snapshot', () => {
    for (const source of [`${state}/releases/1/x`, state, `${state}/data/other`]) {
      const bad = { name: 's', services: { web: { volumes: [{ type: 'bind', source, target: '/x' }] } } };
      expect(() => mountedPaths(bad, context)).toThrow(/leaves the repository/);
    }
  });
});

describe('composeAdditions', () => {
  const owner = { repository: 'o/r', target: 't', service: 's' };
  const labels = { 'launch.service': 's', 'launch.target': 't', 'launch.repository': 'o/r' };

  it('has labels for all, new places for what is mounted, and a mark for the content of files', () => {
    expect(composeAdditions(model, plan(), owner, context)).toEqual({
      services: {
        web: {
          labels: { ...labels, 'launch.files': expect.stringMatching(/^[0-9a-f]{16}$/) },
          volumes: [
            { type: 'bind', source: `${state}/mounts/aaa/html`, target: '/html', read_only: true },
            { type: 'bind', source: `${state}/data/services/s/da$$ta`, target: '/data' },
          ],
        },
        db: { labels },
      },
      configs: { conf: { file: `${state}/mounts/bbb-x/app.conf` } },
    });
  });

  it('is included beside the original files', () => {
    expect(composeEntry('s', ['/a$b/compose.yml', '/x.yml'], '/a$b')).toEqual({
      name: 's',
      include: [{ path: ['/a$$b/compose.yml', '/x.yml'], project_directory: '/a$$b' }],
    });
  });
});
