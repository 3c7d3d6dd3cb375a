import { describe, expect, it } from '@jest/globals';
import type { PlanEntry } from '../../../../src/core/plan.ts';
import { workersOf } from '../../../../src/core/routing/worker-targets.ts';

const edge = { name: 'edge', runsOn: 'ubuntu-latest', environment: 'production' };
const staging = { name: 'staging', runsOn: ['ubuntu-latest'] };

const entry = (service: string, part: Partial<PlanEntry> = {}): PlanEntry => ({
  service,
  target: edge,
  source: 'service.yml',
  driver: 'worker',
  url: undefined,
  wave: 1,
  reasons: [],
  ...part,
});

describe('workersOf', () => {
  it('has one entry for each target, with its workers in the order of their waves', () => {
    const entries = [
      entry('limiter'),
      entry('limiter', { target: staging }),
      entry('site', { driver: 'compose' }),
      entry('api', { wave: 2 }),
    ];
    expect(workersOf({ entries, disabled: [] })).toEqual({
      include: [
        {
          target: 'edge',
          environment: 'production',
          'runs-on': 'ubuntu-latest',
          services: ['limiter', 'api'],
        },
        { target: 'staging', environment: '', 'runs-on': ['ubuntu-latest'], services: ['limiter'] },
      ],
    });
  });

  it('is empty where nothing is a worker', () => {
    const entries = [entry('site', { driver: 'compose' }), entry('job', { driver: 'script' })];
    expect(workersOf({ entries, disabled: [] })).toEqual({ include: [] });
    expect(workersOf({ entries: [], disabled: ['limiter'] })).toEqual({ include: [] });
  });
});
