import type { AspectRatio, RenderingSpeed } from './image-request.ts';

/** What is to be seen, with every choice made. */
export interface ImageOrder {
  readonly prompt: string;
  readonly negativePrompt: string | undefined;
  readonly aspectRatio: AspectRatio;
  readonly renderingSpeed: RenderingSpeed;
  readonly seed: number | undefined;
}

export interface GeneratedImage {
  readonly bytes: Uint8Array;
  readonly contentType: 'image/png' | 'image/jpeg' | 'image/webp';
  /** With which the provider would make it again, where it tells. */
  readonly seed: number | undefined;
}

/** Something that makes images. */
export interface ImageProvider {
  readonly name: string;
  /** @throws ProviderError, and nothing else that is expected. */
  generate(order: ImageOrder, signal: AbortSignal): Promise<GeneratedImage>;
  /** Rejects when it can't be used as it is set up. Asks nobody. */
  check(): Promise<void>;
}

/** Why there is no image. The words are ours: what a provider says may repeat what it was sent, keys included. */
export type ProviderFault =
  | 'timeout'
  | 'unreachable'
  | 'busy'
  | 'refused-prompt'
  | 'refused-request'
  | 'refused-key'
  | 'failed';

export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly fault: ProviderFault;
  /** Milliseconds after which to try again, where the provider says so. */
  readonly retryAfterMs: number | undefined;

  constructor(fault: ProviderFault, message: string, retryAfterMs?: number) {
    super(message);
    this.fault = fault;
    this.retryAfterMs = retryAfterMs;
  }
}
