let opened: Promise<typeof fetch> | undefined;

/**
 * Runners in closed networks name their proxy in the environment; Node's own fetch does not look there. Whether the proxy
 * is for GitHub's API decides for all that is asked. Of a process there is one, so that connections are used again.
 */
export async function fetchThroughProxy(): Promise<typeof fetch | undefined> {
  const names = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'];
  if (names.every((name) => (process.env[name] ?? '') === '')) return undefined;
  opened ??= open();
  return await opened;
}

async function open(): Promise<typeof fetch> {
  const [{ HttpClient }, { fetch: ask }] = await Promise.all([
    import('@actions/http-client'),
    // Its index would bring WebSockets, caches and mocks into the bundle.
    import('undici/lib/web/fetch/index.js'),
  ]);
  const api = process.env['GITHUB_API_URL'] || 'https://api.github.com';
  const dispatcher = new HttpClient().getAgentDispatcher(api);
  return async (url, options) => await ask(url, { ...options, dispatcher });
}
