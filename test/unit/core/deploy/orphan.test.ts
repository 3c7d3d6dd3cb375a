import { describe, expect, it } from '@jest/globals';
import { type HostedService, homeOf, whyOrphan } from '../../../../src/core/deploy/orphan.ts';

const root = '/state';
const folder = '/state/octo/shop/home/web';
const service: HostedService = {
  repository: 'octo/shop',
  target: 'home',
  service: 'web',
  folder,
  project: 'web',
  isUnsettled: false,
};
const labels = {
  'launch.service': 'web',
  'launch.target': 'home',
  'launch.repository': 'octo/shop',
  'com.docker.compose.project': 'web',
  'com.docker.compose.project.working_dir': `${folder}/releases/20260101T000000Z-abcdef0`,
};
const why = (given: Record<string, string>, services = [service], homeExists = true) =>
  whyOrphan({ name: 'x', labels: given, homeExists }, services, root);

/** As `standByCopy` labels it. */
const kept = {
  'launch.kept': JSON.stringify({
    release: '20260101T000000Z-abcdef0',
    id: 'a'.repeat(64),
    name: 'web-web-1',
    running: true,
    image: 'x',
    labels,
    networks: {},
  }),
  'launch.kept.project': 'web',
};

describe('a container', () => {
  it('of a service that was taken down is one', () => {
    const gone = { ...service, project: undefined, removedAt: '2026-11-01T00:00:00.000Z' };
    expect(why(labels, [gone])).toContain('taken down at 2026-11-01');
    expect(why(labels, [{ ...gone, isUnsettled: true }])).toBeUndefined();
  });

  it('of a service that is here is none', () => expect(why(labels)).toBeUndefined());

  it('that is not Launch’s is none', () => {
    expect(why({ 'com.docker.compose.project.working_dir': '/home/ann/web' })).toBeUndefined();
    expect(why({})).toBeUndefined();
  });

  it('of a service without state is one', () => {
    expect(why(labels, [])).toBe('this host has no state of web any more');
    // Started by a deploy.sh, which labels nothing.
    const workingDir = labels['com.docker.compose.project.working_dir'];
    expect(why({ 'com.docker.compose.project.working_dir': workingDir }, [])).toBe(
      'this host has no state any more',
    );
  });

  it('of another state folder is one only when that is gone', () => {
    const other = {
      ...labels,
      'com.docker.compose.project.working_dir': '/other/octo/shop/home/db/releases/x',
    };
    expect(why({ ...other, 'launch.service': 'db' }, [service], true)).toBeUndefined();
    expect(why({ ...other, 'launch.service': 'db' }, [service], false)).toContain('no state of db');
  });

  it('of the project that the service had before is one', () =>
    expect(why({ ...labels, 'com.docker.compose.project': 'old' })).toBe(
      'of the project old, while web is web now',
    ));

  it('that was kept is one, unless a deployment may still need it', () => {
    expect(why(kept)).toBe('a copy that no deployment refers to');
    expect(why(kept, [{ ...service, isUnsettled: true }])).toBeUndefined();
    expect(homeOf(kept)).toBe(folder);
  });
});
