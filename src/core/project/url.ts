import type { PublishedPort } from '../compose/published-ports.ts';
import type { DriverName } from '../config/fields.ts';
import type { Target } from '../targets/target.ts';
import type { TargetSettings } from './target-settings.ts';

/** What decides on a service's URL, in the order of precedence. */
export interface UrlSources {
  readonly settings: TargetSettings;
  readonly target: Target;
  readonly driver: DriverName;
  /** Asked for only when it decides; undefined when there is no compose file. */
  readonly composeText: () => Promise<string | undefined>;
}

/** The URL at which people reach a service on a target; undefined where nothing tells it. */
export async function serviceUrl({
  settings,
  target,
  driver,
  composeText,
}: UrlSources): Promise<string | undefined> {
  if (settings.url !== undefined) return settings.url;
  if (settings.route !== undefined) {
    return routedUrl(settings.route, { tls: true, port: 443 });
  }
  // A worker runs at its provider, whatever host the target names.
  if (target.host === undefined || driver === 'worker') return undefined;
  // Nobody but the script knows its port; `url` in service.yml says more.
  if (driver === 'script') return atHost(target.host, undefined);
  const text = await composeText();
  if (text === undefined) return undefined;
  const { portsOn, publishedPorts } = await import('../compose/published-ports.ts');
  const port = portsOn(publishedPorts(text, settings.env), settings).find(isReachable);
  return port === undefined ? undefined : atHost(target.host, port.port);
}

/** The URL of a route, where the proxy takes its requests. */
export function routedUrl(
  { host, path }: { readonly host: string; readonly path: string },
  { tls, port }: { readonly tls: boolean; readonly port: number },
): string {
  const usual = tls ? 443 : 80;
  const name = `${bracketed(host)}${port === usual ? '' : `:${port}`}`;
  return `${tls ? 'https' : 'http'}://${name}${path === '/' ? '' : path}`;
}

/** UDP speaks no HTTP, and what is bound to the loopback address is not to be had from elsewhere. */
function isReachable(port: Pick<PublishedPort, 'address' | 'protocol'>): boolean {
  return port.protocol === 'tcp' && !/^(127\.|\[?::1\]?$|localhost$)/.test(port.address ?? '');
}

function atHost(host: string, port: number | undefined): string {
  const name = bracketed(host);
  if (port === 443) return `https://${name}`;
  return port === undefined || port === 80 ? `http://${name}` : `http://${name}:${port}`;
}

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
