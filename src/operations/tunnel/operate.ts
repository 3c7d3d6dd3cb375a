import type { TunnelOperation, TunnelResult } from '../../core/cloudflare/tunnel/result.ts';
import type { Reporter } from '../reporter.ts';
import { ensureTunnel } from './ensure-tunnel.ts';
import { removeTunnel } from './remove-tunnel.ts';
import type { TunnelRequest } from './request.ts';
import { tunnelStatus } from './tunnel-status.ts';

const operations = { ensure: ensureTunnel, status: tunnelStatus, remove: removeTunnel } as const;

/** Throws what the operation throws. */
export async function operateTunnel(
  operation: TunnelOperation,
  request: TunnelRequest,
  reporter: Reporter,
): Promise<TunnelResult> {
  return await operations[operation](request, reporter);
}
