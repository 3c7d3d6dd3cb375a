import * as z from 'zod/mini';
import type { GeneratedImage } from './provider.ts';

/** What is known of an image without its bytes. */
export interface StoredImage {
  readonly id: string;
  readonly contentType: string;
  readonly size: number;
  readonly etag: string;
  readonly createdAt: string;
  readonly provider: string;
  readonly seed: number | undefined;
  /** Of the order that it was made for. */
  readonly fingerprint: string;
}

const metadata = z.object({
  fingerprint: z.string(),
  provider: z.string(),
  seed: z.optional(z.string()),
});

/** The images of one organisation, each below its own name: none can be named from another. */
export class ImageStore {
  readonly #bucket: R2Bucket;
  readonly #organisation: string;

  constructor(bucket: R2Bucket, organisation: string) {
    this.#bucket = bucket;
    this.#organisation = organisation;
  }

  async find(id: string): Promise<StoredImage | undefined> {
    const object = await this.#bucket.head(this.#key(id));
    return object === null ? undefined : storedImage(id, object);
  }

  async open(
    id: string,
  ): Promise<{ readonly image: StoredImage; readonly body: ReadableStream } | undefined> {
    const object = await this.#bucket.get(this.#key(id));
    return object === null ? undefined : { image: storedImage(id, object), body: object.body };
  }

  /** Never replaces an image: of two at once the first stays, and both are given that one. */
  async keep(
    id: string,
    image: GeneratedImage,
    about: Pick<StoredImage, 'fingerprint' | 'provider'>,
  ): Promise<StoredImage> {
    const kept = await this.#bucket.put(this.#key(id), image.bytes, {
      onlyIf: new Headers({ 'if-none-match': '*' }),
      httpMetadata: { contentType: image.contentType },
      customMetadata: { ...about, ...(image.seed === undefined ? {} : { seed: String(image.seed) }) },
    });
    const stored = kept === null ? await this.find(id) : storedImage(id, kept);
    if (stored === undefined) throw new Error('the image was neither kept nor there');
    return stored;
  }

  async remove(id: string): Promise<void> {
    await this.#bucket.delete(this.#key(id));
  }

  #key(id: string): string {
    return `${this.#organisation}/${id}`;
  }
}

function storedImage(id: string, object: R2Object): StoredImage {
  const { fingerprint, provider, seed } = z.parse(metadata, object.customMetadata ?? {});
  return {
    id,
    contentType: object.httpMetadata?.contentType ?? 'application/octet-stream',
    size: object.size,
    etag: object.httpEtag,
    createdAt: object.uploaded.toISOString(),
    provider,
    seed: seed === undefined ? undefined : Number(seed),
    fingerprint,
  };
}
