import { describe, expect, it } from '@jest/globals';
import { askablePorts, describeOutage, outageOf } from '../../../../src/core/deploy/outage.ts';

const beats = (...list: readonly (readonly [number, boolean])[]) =>
  list.map(([at, ok]) => ({ at, until: at, ok }));

describe('outageOf', () => {
  it('adds up the stretches from the first failed probe to the next good one', () => {
    const seen = beats([0, true], [20, false], [40, false], [60, true], [80, false], [100, true]);
    expect(outageOf(seen, 120)).toEqual({ outageMs: 60, failedProbes: 3, probes: 6 });
  });

  it('counts one that lasts to the end', () => {
    expect(outageOf(beats([0, true], [20, false]), 500)).toMatchObject({ outageMs: 480, failedProbes: 1 });
  });

  it('lasts until an answer is there, not until the request for it was sent', () => {
    const seen = [
      { at: 0, until: 1, ok: true },
      { at: 30, until: 900, ok: true },
      { at: 20, until: 21, ok: false },
    ];
    expect(outageOf(seen, 1000)).toEqual({ outageMs: 880, failedProbes: 1, probes: 3 });
  });

  it('counts a moment once, however many probes tell of it', () => {
    const held = (ok: boolean, until: number) => ({ at: 100, until, ok });
    const seen = [
      { at: 0, until: 1, ok: true },
      held(false, 1000),
      held(true, 1001),
      held(false, 1002),
      held(true, 1003),
    ];
    expect(outageOf(seen, 2000)).toMatchObject({ outageMs: 901, failedProbes: 2 });
  });

  it('is none where every probe was answered, and unknown where it did not answer before either', () => {
    expect(outageOf(beats([0, true], [20, true]), 30)).toMatchObject({ outageMs: 0, failedProbes: 0 });
    expect(outageOf(beats([0, false], [20, true]), 30)).toBeUndefined();
    expect(outageOf([], 30)).toBeUndefined();
  });
});

describe('describeOutage', () => {
  it('says how long, or that there was none, and nothing where nobody looked', () => {
    expect(describeOutage({ outageMs: 2500, failedProbes: 80 })).toBe('2.5 s (80 failed probes)');
    expect(describeOutage({ outageMs: 30, failedProbes: 1 })).toBe('30 ms (1 failed probe)');
    expect(describeOutage({ outageMs: 0, failedProbes: 0 })).toBe('none');
    expect(describeOutage({})).toBe('');
    expect(describeOutage({ notMeasured: 'no port' })).toBe('not measured: no port');
  });
});

describe('askablePorts', () => {
  const of = (...ports: readonly object[]) =>
    askablePorts(ports.map((it) => ({ service: 'web', port: 8080, protocol: 'tcp', ...it })));

  it('are where this host reaches what is published by TCP, each once', () => {
    expect(of({}, { address: '0.0.0.0' }, { address: '::' }, { address: '127.0.0.2', port: 81 })).toEqual([
      { host: '127.0.0.1', port: 8080 },
      { host: '::1', port: 8080 },
      { host: '127.0.0.2', port: 81 },
    ]);
    expect(of({ protocol: 'udp' })).toEqual([]);
  });

  it('are no more than four, and none of a MySQL server', () => {
    expect(of({ target: 3306 }, { port: 3306 }, { port: 3306, target: 80 })).toHaveLength(1);
    expect(of(...[1, 2, 3, 4, 5].map((port) => ({ port })))).toHaveLength(4);
  });
});
