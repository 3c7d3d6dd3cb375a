import { expectAnswer, type LiveCheck } from './live-worker.ts';

const organisation = '/v1/organisations/e2e-test';
const wrongKey = 'lk_0000000000000000_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

const refusesStrangers = (path: string): LiveCheck => ({
  does: 'refuses a request without a key, and with a wrong one',
  async check(worker) {
    const unauthenticated = { error: { code: 'unauthenticated' } };
    expectAnswer(await worker.ask('GET', path, { key: null }), 401, unauthenticated);
    expectAnswer(await worker.ask('GET', path, { key: wrongKey }), 401, unauthenticated);
  },
});

const configService: readonly LiveCheck[] = [
  refusesStrangers(`${organisation}/configuration`),
  {
    does: 'shows what was written at once, and keeps hostile text as it is',
    async check(worker, { id }) {
      const path = `${organisation}/configuration`;
      for (const displayName of [`first ${id}`, `x'); DROP TABLE instances; -- ${id}`]) {
        const value = { displayName, settings: { run: id } };
        const written = await worker.ask('PUT', path, { body: value });
        expectAnswer(written, 200, value);
        const read = await worker.ask('GET', path);
        // Another run may have written meanwhile; then the revision is another one, too.
        if (read.headers.get('etag') === written.headers.get('etag')) expectAnswer(read, 200, value);
        else expectAnswer(read, 200);
      }
    },
  },
  {
    does: 'does not let a writer replace what it has not seen',
    async check(worker, { id }) {
      const path = `${organisation}/configuration`;
      const headers = { 'if-match': '"00000000-0000-0000-0000-000000000000"' };
      const answer = await worker.ask('PUT', path, { body: { displayName: id }, headers });
      expectAnswer(answer, 412, { error: { code: 'changed_meanwhile' } });
    },
  },
  {
    does: 'shows nobody the configuration of another organisation',
    async check(worker) {
      const answer = await worker.ask('GET', '/v1/organisations/another/configuration');
      expectAnswer(answer, 403, { error: { code: 'forbidden' } });
    },
  },
  {
    does: 'lists instances',
    async check(worker) {
      expectAnswer(await worker.ask('GET', `${organisation}/instances`), 200, { instances: {} });
    },
  },
];

const rateLimiter: readonly LiveCheck[] = [
  refusesStrangers('/v1/usage'),
  {
    does: 'counts a reservation once, settles it and gives another back',
    async check(worker, { id }) {
      const reserve = (name: string, tokens: number) =>
        worker.ask('POST', '/v1/reservations', { body: { id: `${id}-${name}`, tokens } });
      expectAnswer(await reserve('a', 20), 201, { tokens: 20, repeated: false });
      expectAnswer(await reserve('a', 20), 200, { repeated: true });
      const settled = await worker.ask('PATCH', `/v1/reservations/${id}-a`, { body: { tokens: 7 } });
      expectAnswer(settled, 200, { tokens: 7 });
      expectAnswer(await reserve('b', 1), 201);
      expectAnswer(await worker.ask('DELETE', `/v1/reservations/${id}-b`), 204);
      expectAnswer(await worker.ask('DELETE', `/v1/reservations/${id}-b`), 404);
      expectAnswer(await worker.ask('GET', '/v1/usage'), 200, { usage: {}, limits: {} });
    },
  },
  {
    does: 'refuses what is more than a whole minute allows',
    async check(worker, { id }) {
      const body = { id: `${id}-c`, tokens: 1_000_000_000 };
      const answer = await worker.ask('POST', '/v1/reservations', { body });
      expectAnswer(answer, 413, { error: { code: 'more_than_the_limit' } });
    },
  },
];

const imageGen: readonly LiveCheck[] = [
  refusesStrangers('/v1/images/none'),
  {
    does: 'makes an image once, shows it and deletes it',
    async check(worker, { id }) {
      const requestId = `${id}-image`;
      const make = (prompt: string) => worker.ask('POST', '/v1/images', { body: { requestId, prompt } });
      // What the test organisation asks for is made by the test provider, and costs nothing.
      expectAnswer(await make('a lighthouse'), 201, {
        requestId,
        provider: 'test',
        contentType: 'image/png',
      });
      expectAnswer(await make('a lighthouse'), 200, { requestId });
      expectAnswer(await make('a ship'), 409, { error: { code: 'request_id_reused' } });
      const path = `/v1/images/${requestId}`;
      const shown = await worker.ask('GET', path);
      expectAnswer(shown, 200);
      if (String.fromCharCode(...shown.bytes.subarray(1, 4)) !== 'PNG') throw new Error('it is no PNG');
      expectAnswer(await worker.ask('DELETE', path), 204);
      expectAnswer(await worker.ask('GET', path), 404, { error: { code: 'image_not_found' } });
    },
  },
];

/** What each worker of services/ has to do, by its service. */
export const workerChecks: Readonly<Record<string, readonly LiveCheck[]>> = {
  'config-service': configService,
  'rate-limiter': rateLimiter,
  'image-gen': imageGen,
};
