import { describe, expect, it } from '@jest/globals';
import { type TunnelResult, tunnelFailure } from '../../../../../src/core/cloudflare/tunnel/result.ts';
import { tunnelSummary } from '../../../../../src/core/cloudflare/tunnel/summary.ts';

const result: TunnelResult = {
  operation: 'ensure',
  status: 'created',
  name: 'shop',
  tunnelId: '776fd674-2508-49e7-95b1-d5af256ce18d',
  hostname: 'chat.example.org',
  url: 'https://chat.example.org',
  ready: true,
  changes: ['made the tunnel shop'],
  left: [],
  notices: [],
  routes: [{ hostname: 'chat.example.org', service: 'http://127.0.0.1:3080', dns: 'launch' }],
  connector: { kind: 'compose', name: 'launch-tunnel-shop', isRunning: true },
};

describe('the summary of a tunnel', () => {
  it('tells what was done and how it stands', () => {
    const text = tunnelSummary(result);
    expect(text).toContain('### ✅ Tunnel made: shop');
    expect(text).toContain('[https&#58;//chat.example.org](https://chat.example.org)');
    expect(text).toContain('| Connected | yes |');
    expect(text).toContain('- made the tunnel shop');
    expect(text).toContain("Launch's record");
    expect(tunnelFailure(result)).toBeUndefined();
  });

  it('tells what is left, and why', () => {
    const text = tunnelSummary({
      ...result,
      operation: 'remove',
      status: 'kept',
      left: ['the tunnel shop: used'],
    });
    expect(text).toContain('What is left:\n- the tunnel shop&#58; used');
    expect(text).not.toContain('Connected');
  });

  it('tells why it is not connected, and no foreign text comes alive', () => {
    const failed: TunnelResult = {
      ...result,
      status: 'failed',
      notices: ['<script>'],
      failure: { code: 'HEALTH_FAILED', reason: 'not connected.', remedy: 'Look.', lines: ['ERR ``` <b>'] },
    };
    const text = tunnelSummary(failed);
    expect(text).toContain('**not connected.** Look.');
    expect(text).toContain('````\nERR ``` <b>\n````');
    expect(text).not.toContain('<script>');
    expect(tunnelFailure(failed)).toMatchObject({ code: 'HEALTH_FAILED', message: 'not connected. Look.' });
  });
});
