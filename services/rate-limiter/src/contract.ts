import * as z from 'zod/mini';
import { clientId, organisationId, rateLimits } from '../../shared/src/organisation.ts';

// What other workers of the account may ask of this one, by a service binding to its entrypoint `Limiter`. Nobody
// else can reach that: it has no address.

const tokens = z.number().check(z.int(), z.minimum(0), z.maximum(1_000_000_000));

export const reservationRequest = z.strictObject({
  organisation: organisationId,
  /** Said twice within a minute it counts once. */
  id: clientId,
  tokens,
  limits: rateLimits,
});
export type ReservationRequest = z.infer<typeof reservationRequest>;

export const settlementRequest = z.strictObject({ organisation: organisationId, id: clientId, tokens });
export type SettlementRequest = z.infer<typeof settlementRequest>;

export const reservationName = z.strictObject({ organisation: organisationId, id: clientId });
export type ReservationName = z.infer<typeof reservationName>;

/** What an organisation has used in the last 60 seconds. */
export interface Usage {
  readonly requests: number;
  readonly tokens: number;
  /** Milliseconds after which nothing of it counts any more; 0 when nothing does now. */
  readonly clearInMs: number;
}

export type Reservation =
  | {
      readonly allowed: true;
      /** The id was said before, and was not counted again: whether what it was for is still under way. */
      readonly repeated?: 'open' | 'settled';
      readonly usage: Usage;
    }
  | {
      readonly allowed: false;
      readonly limit: 'requests' | 'tokens';
      /** Milliseconds after which there is room for it, unless others come first; undefined: never, it is too large. */
      readonly retryAfterMs: number | undefined;
      readonly usage: Usage;
    };

/** `unknown`: never made, given back, or longer ago than a minute. `settled`: done before with another number. */
export type Settlement =
  | { readonly outcome: 'done'; readonly usage: Usage }
  | { readonly outcome: 'unknown' | 'settled' };

export interface LimiterService {
  /** Counts one request and its tokens, or says when there will be room. */
  reserve(request: ReservationRequest): Promise<Reservation>;
  /** Puts the tokens that were used in place of those that were reserved. */
  settle(request: SettlementRequest): Promise<Settlement>;
  /** Gives a reservation back of which nothing was used: it counts no more. */
  release(name: ReservationName): Promise<{ readonly outcome: 'done' | 'unknown' | 'settled' }>;
  usage(organisation: string): Promise<Usage>;
  /** Rejects when this worker can't do its work. */
  ping(): Promise<'ok'>;
}
