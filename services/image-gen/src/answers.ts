import { answer, refusal, retryAfter } from '../../shared/src/answer.ts';
import type { StoredImage } from './image-store.ts';
import type { ImageOutcome } from './make-image.ts';
import type { ProviderError } from './provider.ts';

/** What a client is told of the image that it asked for. */
export function answerFor(outcome: ImageOutcome): Response {
  switch (outcome.kind) {
    case 'made':
      return answer(described(outcome.image), 201, { location: addressOf(outcome.image) });
    case 'there-already':
      return answer(described(outcome.image), 200, { location: addressOf(outcome.image) });
    case 'other-request':
      return refusal(409, 'request_id_reused', 'This requestId was used for another image.');
    case 'used-up':
      return refusal(409, 'request_id_reused', 'The image of this requestId was made and deleted.');
    case 'under-way':
      return refusal(409, 'under_way', 'This image is being made. Ask again in a moment.', {
        'retry-after': '2',
      });
    case 'rate-limited':
      return rateLimited(outcome.limit, outcome.retryAfterMs);
    case 'limiter-failed':
      return later('limiter_unavailable', 'The limits can not be checked at the moment. Nothing was made.');
    case 'storage-failed':
      return later('storage_unavailable', 'The image could not be stored. It does not count.');
    case 'provider-failed':
      return providerFailed(outcome.error);
  }
}

function rateLimited(limit: 'requests' | 'tokens', waitMs: number | undefined): Response {
  if (waitMs === undefined) {
    return refusal(413, 'more_than_the_limit', 'This image alone is more than may be used in a minute.');
  }
  return refusal(429, 'rate_limited', `The limit of ${limit} per minute is reached.`, {
    'retry-after': retryAfter(waitMs),
  });
}

function providerFailed({ fault, retryAfterMs }: ProviderError): Response {
  switch (fault) {
    case 'timeout':
      return refusal(504, 'provider_timeout', 'The image took too long. It does not count.');
    case 'refused-prompt':
      return refusal(422, 'prompt_refused', 'The provider makes no image of this prompt.');
    case 'refused-request':
      return refusal(422, 'request_refused', 'The provider does not take this request.');
    case 'busy':
      return later('provider_busy', 'The provider has too much to do.', retryAfterMs);
    case 'refused-key':
      return refusal(502, 'provider_refused', 'The provider refuses this service. Its operator has to act.');
    case 'unreachable':
    case 'failed':
      return refusal(502, 'provider_failed', 'The provider gave no image. It does not count.');
  }
}

function later(code: string, message: string, waitMs = 5000): Response {
  return refusal(503, code, message, { 'retry-after': retryAfter(waitMs) });
}

function described({ id, contentType, size, createdAt, provider, seed }: StoredImage) {
  return {
    requestId: id,
    url: `/v1/images/${id}`,
    contentType,
    size,
    createdAt,
    provider,
    seed: seed ?? null,
  };
}

function addressOf({ id }: StoredImage): string {
  return `/v1/images/${id}`;
}
