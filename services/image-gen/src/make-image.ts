import type { Principal } from '../../config-service/src/contract.ts';
import type { LimiterService } from '../../rate-limiter/src/contract.ts';
import { fingerprintOf, tokensOf } from './cost.ts';
import type { ImageRequest } from './image-request.ts';
import type { ImageStore, StoredImage } from './image-store.ts';
import { type ImageOrder, type ImageProvider, ProviderError } from './provider.ts';

export interface ImageContext {
  readonly principal: Principal;
  readonly limiter: LimiterService;
  readonly store: ImageStore;
  readonly provider: ImageProvider;
  readonly timeoutMs: number;
}

export type ImageOutcome =
  | { readonly kind: 'made' | 'there-already'; readonly image: StoredImage }
  /** The id was used for other words. */
  | { readonly kind: 'other-request' }
  /** Somebody makes it at this moment, or its image has been deleted since. */
  | { readonly kind: 'under-way' | 'used-up' }
  /** Milliseconds; undefined: it is more than may be used in a minute. */
  | {
      readonly kind: 'rate-limited';
      readonly limit: 'requests' | 'tokens';
      readonly retryAfterMs: number | undefined;
    }
  | { readonly kind: 'limiter-failed' | 'storage-failed' }
  | { readonly kind: 'provider-failed'; readonly error: ProviderError };

/**
 * One image for one request id. The reservation at the rate limiter, which goes by that id, is what keeps two requests
 * of the same id from making it twice: the second finds it open. What comes to nothing is given back.
 */
export async function makeImage(
  context: ImageContext,
  request: ImageRequest,
  order: ImageOrder,
): Promise<ImageOutcome> {
  const { principal, limiter, store } = context;
  const { requestId: id } = request;
  const fingerprint = await fingerprintOf(request);
  const before = await inStorage(() => store.find(id));
  if (before === 'storage-failed') return { kind: 'storage-failed' };
  if (before !== undefined) return known(before, fingerprint);

  const { organisation, rateLimits: limits } = principal;
  const name = { organisation, id: `image:${id}` };
  const tokens = tokensOf(order);
  const reservation = await askLimiter(() => limiter.reserve({ ...name, tokens, limits }));
  if (reservation === undefined) return { kind: 'limiter-failed' };
  if (!reservation.allowed) {
    return { kind: 'rate-limited', limit: reservation.limit, retryAfterMs: reservation.retryAfterMs };
  }
  if (reservation.repeated !== undefined) return await repeated(store, id, fingerprint, reservation.repeated);

  let outcome: ImageOutcome | undefined;
  try {
    outcome = await generate(context, id, order, fingerprint);
    return outcome;
  } finally {
    // The answer does not depend on it: a reservation that the limiter hears no more of ends after a minute.
    if (outcome?.kind === 'made') await askLimiter(() => limiter.settle({ ...name, tokens }));
    else await askLimiter(() => limiter.release(name));
  }
}

async function generate(
  { provider, store, timeoutMs }: ImageContext,
  id: string,
  order: ImageOrder,
  fingerprint: string,
): Promise<ImageOutcome> {
  let image: Awaited<ReturnType<ImageProvider['generate']>>;
  try {
    image = await provider.generate(order, AbortSignal.timeout(timeoutMs));
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    console.warn({ message: 'no image', provider: provider.name, fault: error.fault, why: error.message });
    return { kind: 'provider-failed', error };
  }
  const kept = await inStorage(() => store.keep(id, image, { fingerprint, provider: provider.name }));
  return kept === 'storage-failed' ? { kind: kept } : { kind: 'made', image: kept };
}

/** Somebody was here a moment ago: the image may have come meanwhile. */
async function repeated(
  store: ImageStore,
  id: string,
  fingerprint: string,
  state: 'open' | 'settled',
): Promise<ImageOutcome> {
  const image = await inStorage(() => store.find(id));
  if (image === 'storage-failed') return { kind: image };
  if (image !== undefined) return known(image, fingerprint);
  return { kind: state === 'open' ? 'under-way' : 'used-up' };
}

function known(image: StoredImage, fingerprint: string): ImageOutcome {
  return image.fingerprint === fingerprint ? { kind: 'there-already', image } : { kind: 'other-request' };
}

async function inStorage<T>(work: () => Promise<T>): Promise<T | 'storage-failed'> {
  try {
    return await work();
  } catch (error) {
    console.error({ message: 'the bucket failed', error: String(error) });
    return 'storage-failed';
  }
}

async function askLimiter<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    console.error({ message: 'the rate limiter failed', error: String(error) });
    return undefined;
  }
}
