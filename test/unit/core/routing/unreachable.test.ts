import { describe, expect, it } from '@jest/globals';
import type { Plan, PlanEntry } from '../../../../src/core/plan.ts';
import { routePlan } from '../../../../src/core/routing/matrix.ts';
import { fitOutputs } from '../../../../src/core/routing/output-size.ts';
import type { RunnerMatch } from '../../../../src/core/routing/runner-match.ts';
import { withoutUnreachable } from '../../../../src/core/routing/unreachable.ts';

const entry = (service: string, target: string, wave = 1): PlanEntry => ({
  service,
  target: { name: target, runsOn: ['self-hosted', target] },
  source: 'service.yml',
  driver: 'compose',
  url: undefined,
  wave,
  reasons: [],
});

const services = [
  { name: 'db', dependsOn: [], file: 'db' },
  { name: 'between', dependsOn: ['db'], file: 'between' },
  { name: 'web', dependsOn: ['between'], file: 'web' },
  { name: 'other', dependsOn: [], file: 'other' },
];

const checks = (more: Readonly<Record<string, RunnerMatch>> = {}) =>
  new Map<string, RunnerMatch>([
    ['homelab', { kind: 'online', runners: ['a'], busy: false }],
    ...Object.entries(more),
  ]);

const plan = (...entries: readonly PlanEntry[]): Plan => ({ entries, disabled: [] });

describe('withoutUnreachable', () => {
  it('leaves out what has no runner, and what depends on it, on whatever target', () => {
    const made = plan(entry('db', 'aws'), entry('other', 'homelab'), entry('web', 'homelab', 2));
    const found = withoutUnreachable(made, checks({ aws: { kind: 'offline', runners: ['b'] } }), services);
    expect(found.unreachable).toEqual([
      {
        service: 'db',
        target: 'aws',
        reason: expect.stringMatching(/"aws" has no runner online: b offline/),
      },
      {
        service: 'web',
        target: 'homelab',
        reason: 'It depends on "db", which has a target without a runner.',
      },
    ]);
    expect(found.plan.entries.map(({ service }) => service)).toEqual(['other']);
    const { outputs } = fitOutputs(found.plan, {
      ...routePlan(found.plan, 'service'),
      unreachable: found.unreachable,
    });
    expect(outputs).toMatchObject({
      any: true,
      targets: ['homelab'],
      waves: [{ include: [{ service: 'other' }] }],
      unreachable: [{ service: 'db' }, { service: 'web' }],
    });
  });

  it('keeps the other target of a service', () => {
    const made = plan(entry('db', 'aws'), entry('db', 'homelab'));
    const gone = withoutUnreachable(made, checks({ aws: { kind: 'none', labels: ['aws'] } }), services);
    expect(gone.plan.entries.map(({ target }) => target.name)).toEqual(['homelab']);
    expect(gone.unreachable).toEqual([
      { service: 'db', target: 'aws', reason: expect.stringMatching(/none has all of the labels aws/) },
    ]);
  });

  it('takes nothing away that could not be checked', () => {
    const made = plan(entry('db', 'aws'), entry('other', 'homelab'));
    for (const found of [checks({ aws: { kind: 'not-checked', why: 'x' } }), new Map()]) {
      expect(withoutUnreachable(made, found, services)).toEqual({ plan: made, unreachable: [] });
    }
  });

  it('never leaves a gap between waves', () => {
    // A later wave is there because of something in the one before it.
    const made = plan(entry('db', 'aws'), entry('between', 'homelab', 2), entry('web', 'homelab', 3));
    const { plan: left } = withoutUnreachable(
      made,
      checks({ aws: { kind: 'none', labels: ['aws'] } }),
      services,
    );
    expect(routePlan(left, 'service').waves).toEqual([]);
  });
});
