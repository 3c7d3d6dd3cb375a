// A rate limiter that is not there when it is asked.
import { DurableObject, WorkerEntrypoint } from 'cloudflare:workers';

export class Limiter extends WorkerEntrypoint {
  async reserve() {
    throw new Error('the Durable Object is being moved');
  }

  async ping() {
    throw new Error('the Durable Object is being moved');
  }
}

/** Bound by the configuration, and never asked. */
export class Bucket extends DurableObject {}

export default { fetch: () => new Response('', { status: 503 }) };
