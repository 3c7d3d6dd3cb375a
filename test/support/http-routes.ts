// How the stand-ins of remote APIs find what a request is for.

export interface FoundRoute<Handler> {
  readonly handler: Handler;
  /** The parts of the path that the route has names for, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly open: boolean;
}

/** Of routes by `METHOD /path/:param`; an asterisk before the method marks one that is open to all. */
export function findRoute<Handler>(
  routes: Readonly<Record<string, Handler>>,
  method: string,
  path: string,
): FoundRoute<Handler> | undefined {
  const given = path.split('/');
  for (const [route, handler] of Object.entries(routes)) {
    const open = route.startsWith('*');
    const [wanted, pattern = ''] = (open ? route.slice(1) : route).split(' ');
    const parts = pattern.split('/');
    // The last part of an object's address may hold slashes.
    const rest = parts.at(-1)?.endsWith('*') === true;
    if (wanted !== method || (rest ? given.length < parts.length : given.length !== parts.length)) continue;
    const params: Record<string, string> = {};
    const fits = parts.every((part, at) => {
      const value = rest && at === parts.length - 1 ? given.slice(at).join('/') : (given[at] ?? '');
      if (!part.startsWith(':')) return part === value;
      params[part.slice(1).replace('*', '')] = decodeURIComponent(value);
      return value !== '';
    });
    if (fits) return { handler, params, open };
  }
  return undefined;
}
