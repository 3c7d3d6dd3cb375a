import type { ConfigurationService, Principal, Scope } from '../../config-service/src/contract.ts';
import { refusal } from './answer.ts';
import { bearerKey } from './bearer-key.ts';

export type Admittance =
  | { readonly ok: true; readonly principal: Principal }
  | { readonly ok: false; readonly refusal: Response };

/** Who has come with a key that the configuration service knows and that may be used for `scope`. */
export async function admit(
  request: Request,
  service: ConfigurationService,
  scope: Scope,
): Promise<Admittance> {
  const key = bearerKey(request);
  const principal = key === undefined ? undefined : await service.authenticate(key);
  if (principal === undefined) return { ok: false, refusal: unauthenticated() };
  if (!principal.scopes.includes(scope))
    return { ok: false, refusal: forbidden(`This key lacks the scope ${scope}.`) };
  return { ok: true, principal };
}

export function unauthenticated(): Response {
  const message = 'Send a valid key: Authorization: Bearer <key>.';
  return refusal(401, 'unauthenticated', message, { 'www-authenticate': 'Bearer' });
}

export function forbidden(message: string): Response {
  return refusal(403, 'forbidden', message);
}
