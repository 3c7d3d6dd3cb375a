import type { ConfigurationService } from '../../config-service/src/contract.ts';
import type { Bucket } from './bucket.ts';

/** What wrangler.jsonc binds. */
export interface Env {
  readonly BUCKETS: DurableObjectNamespace<Bucket>;
  readonly CONFIG_SERVICE: ConfigurationService;
  /** The length of the window in milliseconds, for tests that can't wait for a minute. */
  readonly WINDOW_MS?: number;
}
