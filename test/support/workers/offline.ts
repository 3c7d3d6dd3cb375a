/** Keeps wrangler from asking anything of the network, also where it would only like to know. */
export const offline = {
  CLOUDFLARE_API_BASE_URL: 'http://127.0.0.1:1/client/v4',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_WRITE_LOGS: 'false',
} as const;
