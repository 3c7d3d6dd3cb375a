import { describe, expect, it } from '@jest/globals';
import { parsePortRange } from '../../../../src/core/compose/port-range.ts';
import { assignedPort } from '../../../../src/core/deploy/assigned-port.ts';
import { assertNotReservedPort, collide, wantedPorts } from '../../../../src/core/deploy/port-holders.ts';

const place = { file: 'compose.yml' };

describe('parsePortRange', () => {
  it('takes a range without the ports of the host itself', () => {
    expect(parsePortRange('20000-29999')).toEqual({ first: 20000, last: 29999 });
    for (const text of [
      '',
      '20000',
      '30000-20000',
      '1-100',
      '80-90',
      '400-500',
      '60000-70000',
      '-1-5',
      '2e4-3e4',
    ]) {
      expect(parsePortRange(text)).toBeUndefined();
    }
  });
});

describe('assignedPort', () => {
  const range = { first: 20000, last: 20009 };
  const chat = { target: 'homelab', service: 'chat' };

  it('is always the same, and another one where that is taken', () => {
    const port = assignedPort(range, chat, new Set()) ?? 0;
    expect(assignedPort(range, chat, new Set())).toBe(port);
    expect(port).toBeGreaterThanOrEqual(20000);
    expect(port).toBeLessThanOrEqual(20009);
    const next = assignedPort(range, chat, new Set([port]));
    expect(next).toBe(port === 20009 ? 20000 : port + 1);
  });

  it('is none when all are taken, and any that is left', () => {
    const all = Array.from({ length: 10 }, (_, at) => 20000 + at);
    expect(assignedPort(range, chat, new Set(all))).toBeUndefined();
    expect(assignedPort(range, chat, new Set(all.slice(0, 9)))).toBe(20009);
  });
});

describe('the ports of a release', () => {
  const model = (ports: { target?: number; published?: string; host_ip?: string; protocol?: string }[]) => ({
    name: 'chat',
    services: { web: { ports } },
  });

  it('are the fixed ones of the host', () => {
    expect(
      wantedPorts(
        model([
          { target: 80, published: '8080', host_ip: '127.0.0.1', protocol: 'tcp' },
          { target: 53, published: '53', protocol: 'udp' },
          { target: 90 },
          { target: 91, published: '9000-9010' },
        ]),
      ),
    ).toEqual([
      { service: 'web', port: 8080, protocol: 'tcp', address: '127.0.0.1', target: 80 },
      { service: 'web', port: 53, protocol: 'udp', target: 53 },
    ]);
  });

  it('may not be those of the host itself, unless the target allows it', () => {
    const wanted = wantedPorts(model([{ target: 80, published: '443' }]));
    expect(() => assertNotReservedPort(wanted, [], place)).toThrow(/443.*reserved.*allowed-ports: \[443\]/);
    expect(() => assertNotReservedPort(wanted, [443], place)).not.toThrow();
  });

  it('collide where both addresses can not be had', () => {
    const at = (address: string | undefined, protocol = 'tcp') => ({ port: 8080, protocol, address });
    expect(collide(at(undefined), at('127.0.0.1'))).toBe(true);
    expect(collide(at('0.0.0.0'), at('127.0.0.1'))).toBe(true);
    expect(collide(at('127.0.0.2'), at('127.0.0.1'))).toBe(false);
    expect(collide(at(undefined), at(undefined, 'udp'))).toBe(false);
  });
});
