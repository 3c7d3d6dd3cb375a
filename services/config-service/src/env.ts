/** What wrangler.jsonc binds, and the secrets that may be set. */
export interface Env {
  readonly DB: D1Database;
  readonly CONFIG_CACHE: KVNamespace;
  readonly DEFAULT_REQUESTS_PER_MINUTE: number;
  readonly DEFAULT_TOKENS_PER_MINUTE: number;
  /** `rate_limits` of the instance that this is a copy for, as JSON. */
  readonly RATE_LIMITS?: string;
  /** The operator's own key; without it nobody administers organisations over the network. */
  readonly ADMIN_API_KEY?: string;
  /** The key of the organisation `e2e-test`, with which a deployment is tried out; without it there is none. */
  readonly TEST_API_KEY?: string;
}
