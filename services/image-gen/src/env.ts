import type { ConfigurationService, ImageProviderName } from '../../config-service/src/contract.ts';
import type { LimiterService } from '../../rate-limiter/src/contract.ts';

/** What wrangler.jsonc binds, and the secrets that may be set. */
export interface Env {
  readonly IMAGES: R2Bucket;
  readonly RATE_LIMITER: LimiterService;
  readonly CONFIG_SERVICE: ConfigurationService;
  /** For organisations that the operator has chosen none for. */
  readonly DEFAULT_IMAGE_PROVIDER: ImageProviderName;
  /** Needed where Ideogram is the provider. */
  readonly IDEOGRAM_API_KEY?: string;
  readonly IDEOGRAM_API_URL?: string;
  /** For the provider to answer and the image to be fetched; below a minute, which a reservation lasts. */
  readonly PROVIDER_TIMEOUT_MS?: number;
}
