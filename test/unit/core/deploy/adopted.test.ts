import { describe, expect, it } from '@jest/globals';
import {
  dataPlaces,
  isLeftAlone,
  mountsTheSame,
  pinAdditions,
  plannedActions,
} from '../../../../src/core/deploy/adopted.ts';

const state = '/state/o/r/t/s';
const additions = {
  services: {
    db: {
      labels: { 'launch.service': 's' },
      volumes: [
        { type: 'bind', source: `${state}/data/services/s/da$$ta`, target: '/data' },
        { type: 'bind', source: `${state}/mounts/aaa/conf`, target: '/conf', read_only: true },
      ],
    },
    web: { labels: { 'launch.service': 's' } },
  },
  configs: { rules: { file: `${state}/mounts/bbb/rules.txt` } },
};
const adopted = {
  db: [
    { target: '/data', from: '/old/da$ta', place: 'data/services/s/da$ta' },
    { target: '/conf', from: '/old/conf', place: 'mounts/aaa/conf' },
    { from: '/old/rules.txt', place: 'mounts/bbb/rules.txt' },
  ],
};

describe('additions of a release that leaves adopted containers alone', () => {
  it('are without labels and with the mounts as they were, for those services only', () => {
    expect(pinAdditions(additions, adopted)).toEqual({
      ...additions,
      services: {
        db: {
          volumes: [
            { type: 'bind', source: '/old/da$$ta', target: '/data' },
            { type: 'bind', source: '/old/conf', target: '/conf', read_only: true },
          ],
        },
        web: additions.services.web,
      },
    });
    expect(pinAdditions(additions, { web: [] }).services['web']).toEqual({});
  });
});

describe('what an adopted container mounts', () => {
  it('is the same as long as the release mounts the same places', () => {
    expect(mountsTheSame(additions, 'db', adopted.db, state)).toBe(true);
    const other = (place: string, target?: string) => [
      { from: '/x', place, ...(target === undefined ? {} : { target }) },
    ];
    expect(mountsTheSame(additions, 'db', other('mounts/ccc/conf', '/conf'), state)).toBe(false);
    expect(mountsTheSame(additions, 'db', other('mounts/aaa/conf', '/elsewhere'), state)).toBe(false);
    expect(mountsTheSame(additions, 'db', other('mounts/ccc/rules.txt'), state)).toBe(false);
    expect(mountsTheSame(additions, 'gone', adopted.db, state)).toBe(false);
    expect(mountsTheSame(additions, 'gone', [], state)).toBe(true);
  });

  it('is data below data/', () => {
    expect(dataPlaces(additions, state)).toEqual(['data/services/s/da$ta']);
  });
});

describe('what compose would do', () => {
  it('is read from a rehearsal, as every version of compose 2 prints it', () => {
    const actions = plannedActions(
      [
        ' Container s-db-1 Running ',
        'DRY-RUN MODE -  Container s-web-1  Recreate',
        'DRY-RUN MODE -  Container s-web-1  Recreated',
        ' Network s_default Created',
        ' Container s-job-1 Starting ',
        ' Container s-job-1 Started ',
      ].join('\n'),
    );
    expect(Object.fromEntries(actions)).toEqual({
      's-db-1': ['Running'],
      's-web-1': ['Recreate', 'Recreated'],
      's-job-1': ['Starting', 'Started'],
    });
    expect(isLeftAlone(actions.get('s-db-1'))).toBe(true);
    expect(isLeftAlone(actions.get('s-job-1'))).toBe(true);
    expect(isLeftAlone(actions.get('s-web-1'))).toBe(false);
    // One that it does not speak of is not known to be left.
    expect(isLeftAlone(actions.get('s-other-1'))).toBe(false);
  });
});
