/** Whether two addresses can't both be bound: the same one, or one that means all of that family. */
export function overlap(one: string | undefined, other: string | undefined): boolean {
  const [a, b] = [normalized(one), normalized(other)];
  if (a === '*' || b === '*' || a === b) return true;
  const [familyA, familyB] = [family(a), family(b)];
  return familyA === familyB && (isWildcard(a) || isWildcard(b));
}

function normalized(address: string | undefined): string {
  const bare = (address ?? '').replace(/^\[|\]$/g, '').toLowerCase();
  if (bare === '') return '*';
  if (bare === 'localhost') return '127.0.0.1';
  return /^[0:]+$/.test(bare) ? '::' : bare;
}

function family(address: string): 'IPv4' | 'IPv6' {
  return address.includes(':') ? 'IPv6' : 'IPv4';
}

function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}
