// What `@actions/core` gets for Node's crypto, in the bundle only. Core wants one thing of it, a delimiter that
// nobody can guess, and loading crypto for that takes as long as all the rest of core. The kernel's own
// generator, which crypto draws from, is a file; where it is none, crypto does the work.
import { readFileSync } from 'node:fs';

export function randomUUID() {
  try {
    // A new one at each reading: 122 random bits in the form of a version 4 UUID.
    const id = readFileSync('/proc/sys/kernel/random/uuid', 'latin1').trim();
    if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return id;
  } catch {
    // Not Linux.
  }
  return process.getBuiltinModule('node:crypto').randomUUID();
}
