import { describe, expect, it } from '@jest/globals';
import {
  allowedNetworks,
  isMadeByLaunch,
  isMadeFor,
  rulesFor,
  sameRules,
} from '../../../../src/core/gpu/firewall.ts';
import {
  includesAddress,
  isPublicAddress,
  parseNetworks,
  wideNetworks,
} from '../../../../src/core/gpu/networks.ts';

describe('addresses', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7/32'],
    ['203.0.113.0/24', '203.0.113.0/24'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:DB8::/32', '2001:db8::/32'],
    ['2001:db8::1', '2001:db8::1/128'],
    ['::/0', '::/0'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8/128'],
  ])('%s is %s', (text, network) => {
    const { ipv4, ipv6 } = parseNetworks([text], 'x');
    expect([...ipv4, ...ipv6]).toEqual([network]);
  });

  it.each([
    ...[
      '',
      'x',
      '203.0.113',
      '203.0.113.256',
      '203.0.113.07',
      '203.0.113.7/33',
      '203.0.113.7/24',
      '203.0.113.7/',
    ],
    ...[
      '::1::2',
      ':::',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '12345::',
      '2001:db8::1/32',
      '::ffff:1.2.3.4',
      '1/2/3',
    ],
    ...['0.0.0.0/0;', '0x7f.0.0.1', '$(id)', '0.0.0.0', '::', '203.0.113.7/1x', '1.2.3'],
  ])('%j is none', (text) => {
    expect(() => parseNetworks([text], 'x')).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  it('are at most as many as a rule takes', () => {
    const many = Array.from({ length: 256 }, (_, at) => `10.0.0.${at}`);
    expect(() => parseNetworks(many, 'x')).toThrow('more than 255');
    expect(parseNetworks([...many.slice(1), ...many.slice(1)], 'x').ipv4).toHaveLength(255);
  });

  it('that mean the world, or much of it, are known', () => {
    const networks = parseNetworks(['0.0.0.0/0', '128.0.0.0/1', '10.0.0.0/8', '::/0', '2001:db8::/32'], 'x');
    expect(wideNetworks(networks)).toEqual(['0.0.0.0/0', '128.0.0.0/1', '::/0']);
  });

  it.each([
    ['203.0.113.7', true],
    ['203.0.114.7', false],
    ['2001:db8::7', true],
    ['2001:db9::7', false],
    ['nonsense', false],
  ])('%s is among them: %s', (address, is) => {
    expect(includesAddress(parseNetworks(['203.0.113.0/24', '2001:db8::/32'], 'x'), address)).toBe(is);
  });

  it.each(['203.0.113.7', '2001:db8::1', '172.32.0.1', '100.128.0.1'])(
    '%s is one that others can reach',
    (text) => {
      expect(isPublicAddress(text)).toBe(true);
    },
  );

  it.each([
    ...[
      '10.0.0.1',
      '127.0.0.1',
      '192.168.1.1',
      '172.16.0.1',
      '169.254.1.1',
      '100.64.0.1',
      '0.0.0.0',
      '224.0.0.1',
    ],
    ...['::1', 'fe80::1', 'fd00::1', '203.0.113.0/24', '<html>', ''],
  ])('%j is not', (text) => expect(isPublicAddress(text)).toBe(false));
});

describe('the rules of a firewall', () => {
  const rules = rulesFor('sandbox', { ipv4: ['203.0.113.7/32'], ipv6: [] });
  const firewall = { id: 1, label: 'launch-sandbox', createdAt: 0, rules };

  it('let in SSH, chat and API from there, and nothing else', () => {
    expect(rules).toMatchObject({
      inbound: [{ protocol: 'TCP', ports: '22, 3000, 8000', addresses: { ipv4: ['203.0.113.7/32'] } }],
      inbound_policy: 'DROP',
      outbound_policy: 'ACCEPT',
    });
    expect(rules.inbound[0]?.addresses).not.toHaveProperty('ipv6');
    expect(allowedNetworks(rules)).toEqual(['203.0.113.7/32']);
  });

  it('tell whose it is', () => {
    expect([isMadeFor(firewall, 'sandbox'), isMadeByLaunch(firewall)]).toEqual([true, true]);
    expect(isMadeFor(firewall, 'sandbox-2')).toBe(false);
    const foreign = { ...firewall, rules: { ...rules, inbound: [] } };
    expect([isMadeFor(foreign, 'sandbox'), isMadeByLaunch(foreign)]).toEqual([false, false]);
  });

  it('are the same in another order', () => {
    const one = rulesFor('x', { ipv4: ['1.1.1.1/32', '2.2.2.2/32'], ipv6: [] });
    const other = rulesFor('x', { ipv4: ['2.2.2.2/32', '1.1.1.1/32'], ipv6: [] });
    const [rule] = other.inbound;
    const spaced = {
      ...other,
      inbound: [
        {
          ...rule,
          action: 'ACCEPT',
          protocol: 'TCP',
          addresses: rule?.addresses ?? {},
          ports: '22,3000,8000',
        },
      ],
    };
    expect([sameRules(one, other), sameRules(one, spaced)]).toEqual([true, true]);
    expect(sameRules(one, rulesFor('x', { ipv4: ['1.1.1.1/32'], ipv6: [] }))).toBe(false);
  });
});
