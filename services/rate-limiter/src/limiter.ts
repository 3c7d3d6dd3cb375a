import { WorkerEntrypoint } from 'cloudflare:workers';
import * as z from 'zod/mini';
import { organisationId } from '../../shared/src/organisation.ts';
import {
  type LimiterService,
  type Reservation,
  type ReservationName,
  type ReservationRequest,
  reservationName,
  reservationRequest,
  type Settlement,
  type SettlementRequest,
  settlementRequest,
  type Usage,
} from './contract.ts';
import type { Env } from './env.ts';

/** The limiter for other workers of the account, by a service binding. What it is asked is checked all the same. */
export class Limiter extends WorkerEntrypoint<Env> implements LimiterService {
  async reserve(request: ReservationRequest): Promise<Reservation> {
    const { organisation, id, tokens, limits } = z.parse(reservationRequest, request);
    return await bucketOf(this.env, organisation).reserve(id, tokens, limits);
  }

  async settle(request: SettlementRequest): Promise<Settlement> {
    const { organisation, id, tokens } = z.parse(settlementRequest, request);
    return await bucketOf(this.env, organisation).settle(id, tokens);
  }

  async release(name: ReservationName): ReturnType<LimiterService['release']> {
    const { organisation, id } = z.parse(reservationName, name);
    return await bucketOf(this.env, organisation).release(id);
  }

  async usage(organisation: string): Promise<Usage> {
    return await bucketOf(this.env, z.parse(organisationId, organisation)).usage();
  }

  async ping(): Promise<'ok'> {
    return await pingBucket(this.env);
  }
}

/** The bucket of an organisation; its id may be any text, and no two texts share one. */
export function bucketOf(env: Env, organisation: string) {
  return env.BUCKETS.getByName(organisation);
}

/** Asks a bucket that no organisation can have: its name would be no id. */
export async function pingBucket(env: Env): Promise<'ok'> {
  return await env.BUCKETS.getByName(' health').ping();
}
