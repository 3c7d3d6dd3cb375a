import { createHmac } from 'node:crypto';
import { canonical } from '../resolved-settings.ts';
import type { BindingOverrides } from './binding-overrides.ts';

export interface IdentityParts {
  /** Of the worker's content. */
  readonly fingerprint: string;
  readonly environment?: string | undefined;
  readonly bindings?: BindingOverrides | undefined;
  readonly vars: ReadonlyMap<string, string>;
  readonly secrets: ReadonlyMap<string, string>;
}

/**
 * What a version is made of, in 12 digits: the same parts give the same identity. It is kept where everybody with
 * access to the account can read it, and secrets are among the parts: so it is keyed by the API token, without which
 * nothing can be tried out. Who has the token can read the secrets anyway, by a worker that hands them out. Another
 * token means one more deployment, no more.
 */
export function identityOf(parts: IdentityParts, apiToken: string): string {
  const sorted = (map: ReadonlyMap<string, string>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  // The name at the start is to be changed with the recipe.
  const data = [
    'launch-worker-1',
    parts.fingerprint,
    parts.environment ?? null,
    parts.bindings ?? null,
    sorted(parts.vars),
    sorted(parts.secrets),
  ];
  return createHmac('sha256', apiToken).update(canonical(data)).digest('hex').slice(0, 12);
}
