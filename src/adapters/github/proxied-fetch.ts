/** Runners in closed networks name their proxy in the environment; Node's own fetch does not look there. */
export async function fetchThroughProxy(): Promise<typeof fetch | undefined> {
  const names = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'];
  if (names.every((name) => (process.env[name] ?? '') === '')) return undefined;
  const { defaults } = await import('@actions/github/lib/utils');
  return defaults.request?.fetch;
}
