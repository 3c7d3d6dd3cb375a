/** A key in its parts: the id finds the row, the whole is what is checked. */
const keyPattern = /^lk_([0-9a-f]{16})_[A-Za-z0-9_-]{43}$/;

/** The id that a key carries; undefined for what can be no key of ours. */
export function keyIdOf(key: string): string | undefined {
  return keyPattern.exec(key)?.[1];
}

/** A new key: an id and 256 random bits. */
export function createKey(): { readonly keyId: string; readonly key: string } {
  const keyId = hex(crypto.getRandomValues(new Uint8Array(8)));
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const encoded = btoa(String.fromCharCode(...secret))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
  return { keyId, key: `lk_${keyId}_${encoded}` };
}

/**
 * What is kept of a key. Nothing slow is needed, as for passwords: nobody tries out 256 random bits.
 */
export async function hashOf(key: string): Promise<ArrayBuffer> {
  return await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key));
}

/** Compares in a time that tells nothing of where two hashes differ. */
export function sameHash(one: ArrayBuffer, other: ArrayBuffer): boolean {
  return one.byteLength === other.byteLength && crypto.subtle.timingSafeEqual(one, other);
}

/** A hash that no key has; compared with where there is none, so that an unknown id takes as long as a wrong key. */
export const noHash = new ArrayBuffer(32);

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
