import { describe, expect, it } from '@jest/globals';
import {
  dependantsOf,
  servicesOfJobs,
  type Wave,
  withoutServices,
} from '../../../../src/core/routing/hold-back.ts';

const entry = (service: string, target = 'homelab') => ({ service, services: [service], target, wave: 1 });
const several = (services: string[], target: string) => ({ service: '', services, target, wave: 1 });
const depends = (name: string, ...dependsOn: string[]) => ({ name, dependsOn, file: `${name}.yml` });

describe('which services failed', () => {
  const waves: Wave[] = [
    { include: [entry('db'), entry('cache', 'aws'), several(['x', 'y'], 'bulk')] },
    { include: [entry('api')] },
  ];

  it('knows them by their jobs, also below the job that calls the workflow', () => {
    expect([...servicesOfJobs(waves, ['Deploy db to homelab'])]).toEqual(['db']);
    expect([...servicesOfJobs(waves, ['Launch / Deploy cache to aws', 'Plan'])]).toEqual(['cache']);
  });

  it('takes all services of a job that has several', () => {
    expect([...servicesOfJobs(waves, ['Launch / Deploy several services to bulk'])]).toEqual(['x', 'y']);
  });

  it('does not take a part of a name, another target or a foreign job for one', () => {
    const others = [
      'Deploy db to homelab too',
      'Don’t Deploy db to homelab',
      'Deploy db to aws',
      'Deploy to homelab',
      'tests',
    ];
    expect(servicesOfJobs(waves, others)).toEqual(new Set());
  });
});

describe('what is held back', () => {
  const all = [
    depends('db'),
    depends('api', 'db'),
    depends('web', 'api'),
    depends('docs'),
    depends('mail', 'docs'),
    depends('both', 'docs', 'web'),
  ];

  it('is all that depends on what failed, however far', () => {
    expect(dependantsOf(all, new Set(['db']))).toEqual(
      new Map([
        ['api', 'db'],
        ['web', 'db'],
        ['both', 'db'],
      ]),
    );
  });

  it('is nothing when nothing depends on it', () => {
    expect(dependantsOf(all, new Set(['both']))).toEqual(new Map());
  });

  it('never is what failed itself', () => {
    expect([...dependantsOf(all, new Set(['db', 'api'])).keys()].sort()).toEqual(['both', 'web']);
  });
});

describe('the waves that are left', () => {
  it('keep their places, so that each job finds its own', () => {
    const waves: Wave[] = [
      { include: [entry('db')] },
      { include: [entry('api')] },
      { include: [entry('web')] },
    ];
    expect(withoutServices(waves, new Set(['api', 'web'])).map(({ include }) => include.length)).toEqual([
      1, 0, 0,
    ]);
  });

  it('lose a service from a job with several, not the job', () => {
    const waves: Wave[] = [{ include: [several(['a', 'b', 'c'], 'bulk'), several(['d', 'e'], 'bulk')] }];
    expect(withoutServices(waves, new Set(['b', 'd']))).toEqual([
      {
        include: [
          { service: '', services: ['a', 'c'], target: 'bulk', wave: 1 },
          { service: 'e', services: ['e'], target: 'bulk', wave: 1 },
        ],
      },
    ]);
  });
});
