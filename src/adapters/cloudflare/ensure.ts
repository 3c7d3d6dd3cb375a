import { type Ensured, type Ensuring, ensureOne } from '../http/ensure.ts';
import { isAmbiguous } from './failure.ts';

export type { Ensured } from '../http/ensure.ts';

/** Finds a resource of Cloudflare's or makes it: names are unique in an account. */
export async function ensure<Resource>(of: Ensuring<Resource>): Promise<Ensured<Resource>> {
  return await ensureOne(of, isAmbiguous);
}
