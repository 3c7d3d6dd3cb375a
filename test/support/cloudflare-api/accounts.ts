// Whose token it is and what it may see: what wrangler asks before anything else.
import { ok, type Routes } from './envelope.ts';

export interface Account {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly userId: string;
  /** The account's part of `<worker>.<subdomain>.workers.dev`. */
  readonly subdomain: string;
}

export function accountRoutes(account: Account): Routes {
  const { id, name } = account;
  return {
    'GET /user/tokens/verify': () =>
      ok({ id: 'f'.repeat(32), status: 'active', not_before: null, expires_on: null }),
    'GET /user': () => ok({ id: account.userId, email: account.email }),
    'GET /accounts': () =>
      ok([{ id, name, type: 'standard' }], { page: 1, per_page: 20, count: 1, total_count: 1 }),
    'GET /memberships': () =>
      ok([{ id: 'e'.repeat(32), account: { id, name }, roles: ['Administrator'], status: 'accepted' }], {
        page: 1,
        per_page: 20,
        count: 1,
        total_count: 1,
      }),
    'GET /accounts/:account/workers/subdomain': () => ok({ subdomain: account.subdomain }),
  };
}
