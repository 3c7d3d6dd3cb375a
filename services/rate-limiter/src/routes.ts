import * as z from 'zod/mini';
import type { Principal, Scope } from '../../config-service/src/contract.ts';
import { answer, noContent, refusal, retryAfter } from '../../shared/src/answer.ts';
import { health } from '../../shared/src/health.ts';
import { admit } from '../../shared/src/principal.ts';
import { readBody } from '../../shared/src/read-body.ts';
import type { Handler, Route } from '../../shared/src/routing.ts';
import { type Reservation, reservationRequest } from './contract.ts';
import type { Env } from './env.ts';
import { bucketOf, pingBucket } from './limiter.ts';

const newReservation = z.pick(reservationRequest, { id: true, tokens: true });
const settlement = z.pick(reservationRequest, { tokens: true });
const largestBody = 4096;

/** A handler for whoever came with the key. Of an address without an id in it, `id` is empty. */
type ForPrincipal = (
  request: Request,
  env: Env,
  principal: Principal,
  id: string,
) => Response | Promise<Response>;

const reserve: ForPrincipal = async (request, env, { organisation, rateLimits }) => {
  const body = await readBody(request, newReservation, largestBody);
  if (!body.ok) return body.refusal;
  const { id, tokens } = body.value;
  const reservation = await bucketOf(env, organisation).reserve(inBucket(id), tokens, rateLimits);
  const headers = limitHeaders(reservation, rateLimits);
  if (reservation.allowed) {
    const repeated = reservation.repeated !== undefined;
    return answer({ id, tokens, repeated, usage: reservation.usage }, repeated ? 200 : 201, headers);
  }
  if (reservation.retryAfterMs === undefined) {
    const message = `More than the ${rateLimits.tokensPerMinute} tokens that may be used in a minute.`;
    return refusal(413, 'more_than_the_limit', message, headers);
  }
  return refusal(429, 'rate_limited', `The limit of ${reservation.limit} per minute is reached.`, {
    ...headers,
    'retry-after': retryAfter(reservation.retryAfterMs),
  });
};

const settle: ForPrincipal = async (request, env, { organisation }, id) => {
  const body = await readBody(request, settlement, largestBody);
  if (!body.ok) return body.refusal;
  const { tokens } = body.value;
  const settled = await bucketOf(env, organisation).settle(inBucket(id), tokens);
  if (settled.outcome === 'done') return answer({ id, tokens, usage: settled.usage });
  if (settled.outcome === 'unknown') return noReservation();
  return refusal(409, 'already_settled', 'It was settled before, with another number of tokens.');
};

const release: ForPrincipal = async (_request, env, { organisation }, id) => {
  const { outcome } = await bucketOf(env, organisation).release(inBucket(id));
  if (outcome === 'unknown') return noReservation();
  return outcome === 'done' ? noContent() : refusal(409, 'already_settled', 'It has been used.');
};

const usage: ForPrincipal = async (_request, env, { organisation, rateLimits }) =>
  answer({ usage: await bucketOf(env, organisation).usage(), limits: rateLimits });

const reset: ForPrincipal = async (_request, env, { organisation }) => {
  await bucketOf(env, organisation).reset();
  return noContent();
};

/** What an organisation does with its own key, and only for itself: none of the addresses names one. */
export const routes: readonly Route<Env>[] = [
  {
    path: '/health',
    methods: {
      GET: (_request, env) =>
        health({ buckets: () => pingBucket(env), 'config-service': () => env.CONFIG_SERVICE.ping() }),
    },
  },
  { path: '/v1/reservations', methods: { POST: authenticated(reserve) } },
  {
    path: '/v1/reservations/:id',
    methods: { PATCH: authenticated(settle), DELETE: authenticated(release) },
  },
  { path: '/v1/usage', methods: { GET: authenticated(usage), DELETE: authenticated(reset, 'limits:reset') } },
];

function authenticated(handler: ForPrincipal, scope: Scope = 'limits'): Handler<Env> {
  return async (request, env, { id = '' }) => {
    const admitted = await admit(request, env.CONFIG_SERVICE, scope);
    if (!admitted.ok) return admitted.refusal;
    return await handler(request, env, admitted.principal, id);
  };
}

/** Apart from what other workers have reserved for the organisation: that is not for its clients to give back. */
function inBucket(id: string): string {
  return `client:${id}`;
}

function limitHeaders(
  { usage: used }: Reservation,
  limits: Principal['rateLimits'],
): Readonly<Record<string, string>> {
  return {
    'x-ratelimit-limit-requests': String(limits.requestsPerMinute),
    'x-ratelimit-limit-tokens': String(limits.tokensPerMinute),
    'x-ratelimit-remaining-requests': String(Math.max(0, limits.requestsPerMinute - used.requests)),
    'x-ratelimit-remaining-tokens': String(Math.max(0, limits.tokensPerMinute - used.tokens)),
  };
}

function noReservation(): Response {
  return refusal(404, 'reservation_not_found', 'Never made, given back, or longer ago than a minute.');
}
