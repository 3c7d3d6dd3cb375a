import { bearerKey } from '../../shared/src/bearer-key.ts';
import { organisationId } from '../../shared/src/organisation.ts';
import { forbidden, unauthenticated } from '../../shared/src/principal.ts';
import { checked } from '../../shared/src/read-body.ts';
import { authenticate, isAdministrator } from './authentication.ts';
import type { Scope } from './contract.ts';
import type { Env } from './env.ts';

/** Who may go on, and as whom it is written down; or the answer that refuses. */
export type Access =
  | { readonly ok: true; readonly organisation: string; readonly by: string }
  | { readonly ok: false; readonly refusal: Response };

/** Lets the operator in, and whoever has a key of this organisation with the scope. */
export async function accessToOrganisation(
  env: Env,
  request: Request,
  organisation: string,
  scope: Scope,
): Promise<Access> {
  const id = checked(organisationId, organisation);
  if (!id.ok) return id;
  const key = bearerKey(request);
  if (key === undefined) return { ok: false, refusal: unauthenticated() };
  if (await isAdministrator(env, key)) return { ok: true, organisation, by: 'administrator' };
  const principal = await authenticate(env, key);
  if (principal === undefined) return { ok: false, refusal: unauthenticated() };
  // Said of every other organisation, be there one of that name or not.
  if (principal.organisation !== organisation) {
    return { ok: false, refusal: forbidden('This key belongs to another organisation.') };
  }
  if (!principal.scopes.includes(scope))
    return { ok: false, refusal: forbidden(`This key lacks the scope ${scope}.`) };
  return { ok: true, organisation, by: principal.keyId };
}

/** Lets the operator in. */
export async function accessOfAdministrator(
  env: Env,
  request: Request,
  organisation?: string,
): Promise<Access> {
  const key = bearerKey(request);
  if (key === undefined) return { ok: false, refusal: unauthenticated() };
  if (!(await isAdministrator(env, key)))
    return { ok: false, refusal: forbidden("This takes the operator's key, the secret ADMIN_API_KEY.") };
  const id = organisation === undefined ? undefined : checked(organisationId, organisation);
  if (id?.ok === false) return id;
  return { ok: true, organisation: organisation ?? '', by: 'administrator' };
}
