import { createHmac } from 'node:crypto';

/**
 * A seal over names and values: the same values give the same seal, and without the host's key nothing can be
 * guessed from it. By it a rotated secret is noticed though no secret is kept.
 */
export function sealOf(values: ReadonlyMap<string, string>, key: Uint8Array): string {
  const sorted = [...values].sort(([a], [b]) => (a < b ? -1 : 1));
  return createHmac('sha256', key).update(JSON.stringify(sorted)).digest('hex');
}
