import type { WranglerRoute } from './wrangler-file.ts';

/** Where a worker can be reached below workers.dev, as the API tells it. */
export interface WorkerAddress {
  /** Whether it answers there. */
  readonly enabled: boolean;
  /** Such as `https://hello.octo.workers.dev`. */
  readonly url: string | undefined;
  /** Whether versions answer at addresses of their own, and what these end with. */
  readonly previewsEnabled: boolean;
}

/** Where people reach a worker, the one to show first: custom domains, routes, workers.dev. */
export function workerUrls(routes: readonly WranglerRoute[], address: WorkerAddress): string[] {
  const domains = routes.filter((route) => typeof route !== 'string' && route.custom_domain === true);
  const others = routes.filter((route) => !domains.includes(route));
  const own = address.enabled && address.url !== undefined ? [address.url] : [];
  return [...new Set([...[...domains, ...others].flatMap(urlOfRoute), ...own])];
}

/** `example.com/api/*` is reached at https://example.com/api/; a pattern with a `*` in its host names no address. */
function urlOfRoute(route: WranglerRoute): string[] {
  const pattern = (typeof route === 'string' ? route : route.pattern).replace(/^https?:\/\//, '');
  const [host = '', ...path] = pattern.split('/');
  if (host === '' || host.includes('*')) return [];
  const rest = path.join('/').replace(/\*.*$/, '');
  return [`https://${host}${rest === '' ? '' : `/${rest}`}`];
}

/** What the configuration wants of the addresses below workers.dev, as wrangler understands it. */
export function isAddressAsWanted(
  wanted: {
    readonly workersDev: boolean | undefined;
    readonly previewUrls: boolean | undefined;
    readonly routes: readonly unknown[];
  },
  address: WorkerAddress,
): boolean {
  const enabled = wanted.workersDev ?? wanted.routes.length === 0;
  return (
    enabled === address.enabled &&
    (wanted.previewUrls === undefined || wanted.previewUrls === address.previewsEnabled)
  );
}
