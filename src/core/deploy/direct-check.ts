import type { HealthCheck } from '../health/check.ts';

export interface DirectContext {
  /** The host of the route, as service.yml names it. */
  readonly host: string;
  /** Where the container of the route listens. */
  readonly port: number;
  readonly address: string;
  /** Host ports that stay published while the containers change: a check of one of them is meant as it is. */
  readonly published: ReadonlySet<number>;
}

/**
 * A check of the service, directed at one container of it: what asks this host or the route's host asks the
 * container itself, because before the switch only that tells of the new one. Anything else stays as it is.
 */
export function directCheck(check: HealthCheck, context: DirectContext): HealthCheck {
  if (check.kind === 'tcp') {
    if (!isLoopback(check.host) || context.published.has(check.port)) return check;
    return { ...check, host: context.address };
  }
  if (check.kind !== 'http' || !URL.canParse(check.url)) return check;
  const url = new URL(check.url);
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const isRoute = url.hostname.toLowerCase() === context.host.toLowerCase();
  const isLocal = isLoopback(url.hostname) && !context.published.has(port);
  if (!isRoute && !isLocal) return check;
  // The proxy speaks plain HTTP to the container, and leads any port of its own to the one of the route.
  const behind = isRoute ? context.port : port;
  const address = context.address.includes(':') ? `[${context.address}]` : context.address;
  const headers = hasHost(check.headers) ? check.headers : { ...check.headers, Host: url.host };
  const user = url.username === '' ? '' : `${url.username}:${url.password}@`;
  return { ...check, url: `http://${user}${address}:${behind}${url.pathname}${url.search}`, headers };
}

/** Whether a check now asks the container itself. */
export function isDirected(check: HealthCheck, address: string): boolean {
  if (check.kind === 'tcp') return check.host === address;
  return check.kind === 'http' && URL.canParse(check.url)
    ? new URL(check.url).hostname.replace(/^\[|\]$/g, '') === address
    : false;
}

function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[?::1\]?)$/i.test(host);
}

function hasHost(headers: Readonly<Record<string, string>>): boolean {
  return Object.keys(headers).some((name) => name.toLowerCase() === 'host');
}
