import { describe, expect, it } from '@jest/globals';
import type { DeployResult } from '../../../src/core/deploy/result.ts';
import { LaunchError } from '../../../src/core/errors.ts';
import { deployInTurn } from '../../../src/operations/deploy-in-turn.ts';
import { silentReporter } from '../../../src/operations/reporter.ts';

const result = (service: string, status: DeployResult['status'], cancelled = false): DeployResult => ({
  status,
  service,
  target: 'homelab',
  release: `r-${service}`,
  previousRelease: undefined,
  commit: 'c',
  fingerprint: 'f',
  url: undefined,
  durationMs: 1,
  made: [],
  kept: [],
  failure:
    status === 'failed' || status === 'rolled-back'
      ? { reason: `${service} is ill`, lines: [], cancelled }
      : undefined,
  notPutBack: undefined,
  plan: undefined,
});
const refusal = (code: 'SECRET_MISSING' | 'CANCELLED') => new LaunchError(code, 'No.', { remedy: 'Do.' });

async function turn(outcomes: Readonly<Record<string, DeployResult['status'] | DeployResult | Error>>) {
  const started: string[] = [];
  const warnings: string[] = [];
  const deploy = async (service: string) => {
    started.push(service);
    const outcome = outcomes[service];
    if (outcome instanceof Error || outcome === undefined) throw outcome;
    return typeof outcome === 'string' ? result(service, outcome) : outcome;
  };
  const reporter = { ...silentReporter, warning: (message: string) => void warnings.push(message) };
  const end = await deployInTurn(Object.keys(outcomes), deploy, reporter).catch((error: unknown) => error);
  return { started, warnings, end };
}

describe('several services in one job', () => {
  it('are deployed one after another', async () => {
    const { started, end } = await turn({ a: 'deployed', b: 'unchanged' });
    expect(started).toEqual(['a', 'b']);
    expect(end).toMatchObject({ status: 'deployed', failure: undefined });
  });

  it('get their turn also after one that failed or did not start', async () => {
    const { started, warnings, end } = await turn({
      a: 'rolled-back',
      b: refusal('SECRET_MISSING'),
      c: 'deployed',
    });
    expect(started).toEqual(['a', 'b', 'c']);
    expect(warnings).toHaveLength(2);
    expect(end).toMatchObject({
      status: 'failed',
      failure: { code: 'DEPLOY_FAILED', summary: '2 of 3 services failed: a, b.' },
    });
  });

  it('are as good as the worst of them', async () => {
    expect((await turn({ a: 'unchanged', b: 'rolled-back' })).end).toMatchObject({ status: 'rolled-back' });
    expect((await turn({ a: 'failed', b: 'rolled-back' })).end).toMatchObject({ status: 'failed' });
  });

  it('end at once when the run is cancelled, or Launch itself is at fault', async () => {
    const cancelled = await turn({ a: refusal('CANCELLED'), b: 'deployed' });
    expect(cancelled.started).toEqual(['a']);
    expect(cancelled.end).toMatchObject({ code: 'CANCELLED' });
    const under = await turn({
      a: 'deployed',
      b: result('b', 'rolled-back', true),
      c: 'deployed',
    });
    expect(under.started).toEqual(['a', 'b']);
    expect(under.end).toMatchObject({
      status: 'rolled-back',
      failure: { code: 'CANCELLED' },
      results: [{ service: 'a' }, { service: 'b' }],
    });
    const fault = await turn({ a: new TypeError('oh'), b: 'deployed' });
    expect(fault.end).toBeInstanceOf(TypeError);
  });
});

describe('one service', () => {
  it('fails with its own reason', async () => {
    expect((await turn({ a: refusal('SECRET_MISSING') })).end).toMatchObject({ code: 'SECRET_MISSING' });
    const { end, warnings } = await turn({ a: 'rolled-back' });
    expect(end).toMatchObject({ status: 'rolled-back', failure: { code: 'DEPLOY_FAILED' } });
    expect(warnings).toEqual([]);
  });
});
