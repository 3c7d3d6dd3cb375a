import type { ConfigurationService } from '../../config-service/src/contract.ts';
import type { Bucket, BucketEnv } from './bucket.ts';

/** What wrangler.jsonc binds. */
export interface Env extends BucketEnv {
  readonly BUCKETS: DurableObjectNamespace<Bucket>;
  readonly CONFIG_SERVICE: ConfigurationService;
}
