import { describe, expect, it } from '@jest/globals';
import type { Plan, PlanEntry } from '../../../../src/core/plan.ts';
import { routePlan } from '../../../../src/core/routing/matrix.ts';
import { fitOutputs } from '../../../../src/core/routing/output-size.ts';

const homelab = { name: 'homelab', runsOn: ['self-hosted', 'homelab'], environment: 'home' };
const aws = { name: 'aws', runsOn: { group: 'cloud', labels: ['linux'] } };

const entry = (service: string, part: Partial<PlanEntry> = {}): PlanEntry => ({
  service,
  target: homelab,
  source: 'service.yml',
  driver: 'compose',
  url: `http://${service}.example`,
  wave: 1,
  reasons: [],
  ...part,
});
const plan = (...entries: PlanEntry[]): Plan => ({ entries, disabled: [] });

describe('routePlan', () => {
  it('makes a job for each service and target, usable as it is', () => {
    const { matrix, waves, warnings } = routePlan(
      plan(entry('api'), entry('api', { target: aws, url: undefined })),
      'service',
    );
    expect(matrix).toEqual({
      include: [
        {
          service: 'api',
          services: ['api'],
          target: 'homelab',
          'runs-on': ['self-hosted', 'homelab'],
          environment: 'home',
          driver: 'compose',
          wave: 1,
          url: 'http://api.example',
        },
        {
          service: 'api',
          services: ['api'],
          target: 'aws',
          'runs-on': { group: 'cloud', labels: ['linux'] },
          environment: '',
          driver: 'compose',
          wave: 1,
          url: '',
        },
      ],
    });
    expect(waves).toEqual([matrix]);
    expect(warnings).toEqual([]);
  });

  it('gives a matrix for each wave, and no more', () => {
    const { waves, matrix } = routePlan(
      plan(entry('db'), entry('api', { wave: 2 }), entry('web', { wave: 3 })),
      'service',
    );
    expect(waves.map((wave) => wave.include.map((job) => job.service))).toEqual([['db'], ['api'], ['web']]);
    expect(matrix.include.map((job) => job.wave)).toEqual([1, 2, 3]);
    expect(routePlan(plan(), 'service')).toEqual({ matrix: { include: [] }, waves: [], warnings: [] });
  });

  it('groups by target, but never a service with what it depends on', () => {
    const { matrix } = routePlan(
      plan(
        entry('a'),
        entry('b', { driver: 'script' }),
        entry('c', { target: aws }),
        entry('d', { wave: 2 }),
      ),
      'target',
    );
    expect(matrix.include).toMatchObject([
      { service: '', services: ['a', 'b'], target: 'homelab', driver: '', url: '', wave: 1 },
      { service: 'c', services: ['c'], target: 'aws', driver: 'compose', url: 'http://c.example', wave: 1 },
      { service: 'd', services: ['d'], target: 'homelab', wave: 2 },
    ]);
  });

  it('keeps the driver of a group that has but one', () => {
    const { matrix } = routePlan(plan(entry('a'), entry('b')), 'target');
    expect(matrix.include).toMatchObject([{ services: ['a', 'b'], driver: 'compose' }]);
  });

  const many = (count: number, wave = 1) =>
    Array.from({ length: count }, (_, index) =>
      entry(`s${wave}-${index}`, { wave, target: index % 2 ? homelab : aws }),
    );

  it('has exactly 256 jobs without grouping', () => {
    expect(routePlan(plan(...many(256)), 'service')).toMatchObject({
      warnings: [],
      matrix: { include: { length: 256 } },
    });
  });

  it('groups what would have more, says so, and loses no service', () => {
    const { matrix, waves, warnings } = routePlan(plan(...many(257)), 'service');
    expect(matrix.include).toHaveLength(2);
    expect(matrix.include.flatMap((job) => job.services)).toHaveLength(257);
    expect(waves).toEqual([matrix]);
    expect(warnings).toEqual([
      expect.stringMatching(/more than 256 jobs in the matrix \(257\), wave 1 \(257\)/),
    ]);
  });

  it('groups only those waves that are too long', () => {
    const { matrix, waves } = routePlan(plan(...many(300), ...many(3, 2)), 'service');
    expect(matrix.include).toHaveLength(4);
    expect(waves.map((wave) => wave.include.length)).toEqual([2, 3]);
  });

  it('leaves the waves as they fit, when only all of them together do not', () => {
    const entries = Array.from({ length: 300 }, (_, index) =>
      entry(`s${index}`, {
        target: { name: `t${index % 100}`, runsOn: 'x' },
        wave: Math.floor(index / 100) + 1,
      }),
    );
    const { matrix, waves } = routePlan(plan(...entries), 'service');
    expect(waves.map((wave) => wave.include.length)).toEqual([100, 100, 100]);
    expect(matrix.include).toHaveLength(100);
    expect(matrix.include[0]?.services).toEqual(['s0', 's100', 's200']);
  });

  it('refuses more targets than there may be jobs', () => {
    const entries = Array.from({ length: 257 }, (_, index) =>
      entry(`s${index}`, { target: { name: `t${index}`, runsOn: 'x' } }),
    );
    expect(() => routePlan(plan(...entries), 'service')).toThrow(
      /257 jobs in the matrix even with one for each target/,
    );
  });
});

describe('fitOutputs', () => {
  const long = plan(
    ...Array.from({ length: 200 }, (_, index) =>
      entry(`s${index}`, { reasons: ['x'.repeat(1000)], url: undefined }),
    ),
  );
  const sizeOf = (limit: number) => {
    const { outputs, warnings } = fitOutputs(long, routePlan(long, 'service'), limit);
    expect(JSON.stringify(outputs).length).toBeLessThanOrEqual(limit + 100);
    expect(outputs.matrix.include).toHaveLength(200);
    return { plan: outputs.plan, warnings };
  };

  it('keeps everything where it fits', () => {
    const { outputs, warnings } = fitOutputs(plan(entry('api')), routePlan(plan(entry('api')), 'service'));
    expect(outputs).toMatchObject({ any: true, targets: ['homelab'] });
    expect(outputs.plan).toEqual({
      services: {
        api: {
          homelab: {
            driver: 'compose',
            wave: 1,
            'runs-on': ['self-hosted', 'homelab'],
            environment: 'home',
            url: 'http://api.example',
            why: ['target from service.yml'],
          },
        },
      },
      disabled: [],
    });
    expect(warnings).toEqual([]);
  });

  it('drops the reasons first, then all but names, then the plan, never a job', () => {
    const bare = JSON.stringify({
      ...fitOutputs(long, routePlan(long, 'service'), 10_000_000).outputs,
      plan: null,
    }).length;
    expect(sizeOf(bare + 300_000).warnings).toEqual([]);
    const noReasons = sizeOf(bare + 30_000);
    expect(noReasons.plan).toMatchObject({ services: { s7: { homelab: { wave: 1, why: [] } } } });
    expect(noReasons.warnings).toEqual([expect.stringMatching(/reasons are left out/)]);
    expect(sizeOf(bare + 6000).plan).toMatchObject({ truncated: true, services: { s7: ['homelab'] } });
    expect(sizeOf(bare + 100).plan).toEqual({ truncated: true, disabled: 0 });
    expect(() => sizeOf(bare - 1000)).toThrow(/longer than the 1 MB/);
  });
});
