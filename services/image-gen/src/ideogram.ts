import * as z from 'zod/mini';
import { readAtMost } from '../../shared/src/read-body.ts';
import { isWhole } from './image-file.ts';
import { type GeneratedImage, type ImageOrder, type ImageProvider, ProviderError } from './provider.ts';

export interface IdeogramSettings {
  readonly apiKey: string | undefined;
  /** Without a slash at its end. */
  readonly baseUrl: string;
}

// https://developer.ideogram.ai/api-reference/api-reference/generate-v3
const generated = z.object({
  data: z.array(
    z.object({
      url: z.optional(z.nullable(z.string())),
      is_image_safe: z.boolean(),
      seed: z.optional(z.number()),
    }),
  ),
});

const largestAnswer = 256 * 1024;
const largestImage = 20 * 1024 * 1024;
const imageTypes = ['image/png', 'image/jpeg', 'image/webp'] as const;

/** Ideogram 3.0. Each order is sent once: it costs money whether or not its answer arrives. */
export function ideogram({ apiKey, baseUrl }: IdeogramSettings): ImageProvider {
  const check = async (): Promise<string> => {
    if (apiKey !== undefined && apiKey !== '') return apiKey;
    throw new ProviderError('refused-key', 'The secret IDEOGRAM_API_KEY is not set.');
  };
  return {
    name: 'ideogram',
    async check() {
      await check();
    },
    async generate(order, signal): Promise<GeneratedImage> {
      const key = await check();
      const answer = await ask(`${baseUrl}/v1/ideogram-v3/generate`, {
        method: 'POST',
        headers: { 'Api-Key': key, accept: 'application/json' },
        body: formOf(order),
        // The key goes to nobody that the answer names.
        redirect: 'manual',
        signal,
      });
      const image = await imageOf(answer);
      return await download(image.url, image.seed, new URL(baseUrl).protocol, signal);
    },
  };
}

function formOf(order: ImageOrder): FormData {
  const form = new FormData();
  form.append('prompt', order.prompt);
  form.append('aspect_ratio', order.aspectRatio);
  form.append('rendering_speed', order.renderingSpeed);
  form.append('num_images', '1');
  if (order.negativePrompt !== undefined) form.append('negative_prompt', order.negativePrompt);
  if (order.seed !== undefined) form.append('seed', String(order.seed));
  return form;
}

/** The answer to a request, when it is a good one. Nothing that the other side says gets into an error. */
async function ask(url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch {
    throw cutOff(init.signal, 'unreachable');
  }
  if (response.ok) return response;
  await response.body?.cancel();
  throw faultOf(response);
}

function faultOf({ status, headers }: Response): ProviderError {
  const said = `The provider answered with ${status}.`;
  switch (status) {
    case 400:
      return new ProviderError('refused-request', said);
    case 401:
    case 402:
    case 403:
      return new ProviderError('refused-key', said);
    case 422:
      return new ProviderError('refused-prompt', said);
    case 429:
    case 503: {
      const seconds = Number(headers.get('retry-after') ?? Number.NaN);
      const wait = Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 3600) * 1000 : undefined;
      return new ProviderError('busy', said, wait);
    }
    default:
      return new ProviderError('failed', said);
  }
}

async function imageOf(
  answer: Response,
): Promise<{ readonly url: string; readonly seed: number | undefined }> {
  let parsed: z.infer<typeof generated>;
  try {
    const bytes = await readAtMost(answer.body, largestAnswer);
    parsed = z.parse(generated, JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    throw new ProviderError('failed', 'The provider answered with something that is no list of images.');
  }
  const [image] = parsed.data;
  if (image === undefined) throw new ProviderError('failed', 'The provider made no image.');
  if (!image.is_image_safe || image.url === undefined || image.url === null || image.url === '') {
    throw new ProviderError('refused-prompt', 'The provider holds the image back as unsafe.');
  }
  return { url: image.url, seed: image.seed };
}

/** Its address holds for a short time only, so that the image is fetched at once. */
async function download(
  url: string,
  seed: number | undefined,
  protocol: string,
  signal: AbortSignal,
): Promise<GeneratedImage> {
  if (!URL.canParse(url) || new URL(url).protocol !== protocol) {
    throw new ProviderError('failed', 'The provider gave no address that can be used.');
  }
  const answer = await ask(url, { signal });
  const type = (answer.headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase();
  const contentType = imageTypes.find((known) => known === type);
  if (contentType === undefined) {
    await answer.body?.cancel();
    throw new ProviderError('failed', 'What the provider gave is no image of a known kind.');
  }
  let bytes: Uint8Array | undefined;
  try {
    bytes = await readAtMost(answer.body, largestImage);
  } catch {
    throw cutOff(signal, 'failed');
  }
  if (bytes === undefined || bytes.byteLength === 0) {
    throw new ProviderError('failed', 'The image is empty, or larger than 20 MiB.');
  }
  if (!isWhole(contentType, bytes)) throw new ProviderError('failed', 'The image did not arrive whole.');
  return { bytes, contentType, seed };
}

function cutOff(signal: AbortSignal | null | undefined, fault: 'unreachable' | 'failed'): ProviderError {
  if (signal?.aborted === true) return new ProviderError('timeout', 'The provider took too long.');
  const what = fault === 'unreachable' ? 'could not be reached' : 'broke off';
  return new ProviderError(fault, `The provider ${what}.`);
}
