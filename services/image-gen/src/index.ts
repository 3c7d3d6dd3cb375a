import * as z from 'zod/mini';
import type { Configuration } from '../../config-service/src/configuration.ts';
import type { Principal } from '../../config-service/src/contract.ts';
import { noContent, refusal } from '../../shared/src/answer.ts';
import { health } from '../../shared/src/health.ts';
import { admit } from '../../shared/src/principal.ts';
import { readBody } from '../../shared/src/read-body.ts';
import { type Handler, type Route, serve } from '../../shared/src/routing.ts';
import { answerFor } from './answers.ts';
import { chooseProvider } from './choose-provider.ts';
import type { Env } from './env.ts';
import { type ImageRequest, imageRequest, largestRequest, requestId } from './image-request.ts';
import { ImageStore } from './image-store.ts';
import { makeImage } from './make-image.ts';
import type { ImageOrder } from './provider.ts';

interface Context {
  readonly env: Env;
  readonly execution: ExecutionContext;
}

type ForPrincipal = (
  request: Request,
  context: Context,
  principal: Principal,
  id: string,
) => Promise<Response>;

const defaultTimeout = 45_000;

const create: ForPrincipal = async (request, { env, execution }, principal) => {
  const body = await readBody(request, imageRequest, largestRequest);
  if (!body.ok) return body.refusal;
  const defaults = await env.CONFIG_SERVICE.configuration(principal.organisation);
  const making = makeImage(
    {
      principal,
      limiter: env.RATE_LIMITER,
      store: new ImageStore(env.IMAGES, principal.organisation),
      provider: chooseProvider(env, principal.imageProvider ?? env.DEFAULT_IMAGE_PROVIDER),
      timeoutMs: env.PROVIDER_TIMEOUT_MS ?? defaultTimeout,
    },
    body.value,
    orderOf(body.value, defaults),
  );
  // A client that has gone away finds the image when it asks again: it has been paid for.
  execution.waitUntil(making);
  return answerFor(await making);
};

const show: ForPrincipal = async (_request, { env }, { organisation }, id) => {
  const found = await new ImageStore(env.IMAGES, organisation).open(id);
  if (found === undefined) return noImage();
  const { contentType, etag, size } = found.image;
  const headers = {
    'content-type': contentType,
    'content-length': String(size),
    etag,
    'cache-control': 'private, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
  };
  return new Response(found.body, { headers });
};

const remove: ForPrincipal = async (_request, { env }, { organisation }, id) => {
  await new ImageStore(env.IMAGES, organisation).remove(id);
  return noContent();
};

const routes: readonly Route<Context>[] = [
  {
    path: '/health',
    methods: {
      GET: (_request, { env }) =>
        health({
          bucket: () => env.IMAGES.head('health'),
          'rate-limiter': () => env.RATE_LIMITER.ping(),
          'config-service': () => env.CONFIG_SERVICE.ping(),
          provider: () => chooseProvider(env, env.DEFAULT_IMAGE_PROVIDER).check(),
        }),
    },
  },
  { path: '/v1/images', methods: { POST: authenticated(create) } },
  { path: '/v1/images/:id', methods: { GET: named(show), DELETE: named(remove) } },
];

export default {
  async fetch(request, env, execution): Promise<Response> {
    return await serve(routes, request, { env, execution });
  },
} satisfies ExportedHandler<Env>;

function authenticated(handler: ForPrincipal): Handler<Context> {
  return async (request, context, { id = '' }) => {
    const admitted = await admit(request, context.env.CONFIG_SERVICE, 'images');
    if (!admitted.ok) return admitted.refusal;
    return await handler(request, context, admitted.principal, id);
  };
}

/** Of the address of an image, whose name has to be one that an image can have. */
function named(handler: ForPrincipal): Handler<Context> {
  return authenticated((request, context, principal, id) =>
    z.safeParse(requestId, id).success
      ? handler(request, context, principal, id)
      : Promise.resolve(noImage()),
  );
}

function noImage(): Response {
  return refusal(404, 'image_not_found', 'There is no such image.');
}

/** What the request leaves open is the organisation's choice, then ours. */
function orderOf(request: ImageRequest, { images }: Configuration): ImageOrder {
  return {
    prompt: request.prompt,
    negativePrompt: request.negativePrompt,
    aspectRatio: request.aspectRatio ?? images?.aspectRatio ?? '1x1',
    renderingSpeed: request.renderingSpeed ?? images?.renderingSpeed ?? 'DEFAULT',
    seed: request.seed,
  };
}
