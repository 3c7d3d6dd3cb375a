import type { RateLimits } from '../../shared/src/organisation.ts';
import type { Configuration } from './configuration.ts';

// What other workers of the account may ask of this one, by a service binding to its entrypoint `Configurations`.
// Nobody else can reach that: it has no address.

/** What a key may be used for. */
export const scopes = [
  'configuration:read',
  'configuration:write',
  'images',
  'limits',
  /** To forget what was used; with it there is no limit. */
  'limits:reset',
] as const;
export type Scope = (typeof scopes)[number];

export const imageProviders = ['test', 'ideogram'] as const;
export type ImageProviderName = (typeof imageProviders)[number];

/** Who has come with a key, and what the operator has decided for the organisation. */
export interface Principal {
  readonly organisation: string;
  readonly keyId: string;
  readonly scopes: readonly Scope[];
  readonly rateLimits: RateLimits;
  /** Undefined: the default of the worker that generates. */
  readonly imageProvider: ImageProviderName | undefined;
}

export interface ConfigurationService {
  /** Whose key it is; undefined for one that is unknown, revoked or expired. */
  authenticate(key: string): Promise<Principal | undefined>;
  /** What the organisation has set for itself; empty when it has set nothing. */
  configuration(organisation: string): Promise<Configuration>;
  /** Rejects when this worker can't do its work. */
  ping(): Promise<'ok'>;
}
