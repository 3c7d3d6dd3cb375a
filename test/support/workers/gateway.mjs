// A worker of the tests: it leads to the others by service bindings, as workers of one account reach each other, and
// asks their entrypoints what only a bound worker can.
const bindings = {
  'config-service': 'CONFIG_SERVICE',
  'rate-limiter': 'RATE_LIMITER',
  'image-gen': 'IMAGE_GEN',
};

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const [, first, ...rest] = url.pathname.split('/');
    if (first === 'rpc') return await call(env[rest[0]], rest[1], await request.json());
    if (first === 'timed') return await timed(env[rest[0]], rest[1], await request.json());
    const binding = bindings[first];
    if (binding === undefined) return new Response('no such worker', { status: 404 });
    return await env[binding].fetch(new Request(new URL(`/${rest.join('/')}${url.search}`, url), request));
  },
};

async function call(entrypoint, method, args) {
  try {
    return Response.json({ value: (await entrypoint[method](...args)) ?? null });
  } catch (error) {
    return Response.json({ error: String(error) }, { status: 500 });
  }
}

/** Calls the method with each of the lists of arguments, four at once, and tells how long each took, in milliseconds. */
async function timed(entrypoint, method, calls) {
  const answers = [];
  let next = 0;
  const work = async () => {
    while (next < calls.length) {
      const at = next;
      next += 1;
      const began = Date.now();
      const value = await entrypoint[method](...calls[at]);
      answers[at] = { value, ms: Date.now() - began };
    }
  };
  await Promise.all([work(), work(), work(), work()]);
  return Response.json(answers);
}
