import { randomBytes } from 'node:crypto';
import { type CloudflareRequest, fields, ok, page, Refused, type Routes, text } from './envelope.ts';

export interface KvNamespace {
  readonly id: string;
  readonly title: string;
  readonly values: Map<string, string>;
}

export interface KvState {
  readonly namespaces: Map<string, KvNamespace>;
}

export function kvState(): KvState {
  return { namespaces: new Map() };
}

export function kvRoutes({ namespaces }: KvState): Routes {
  const base = '/accounts/:account/storage/kv/namespaces';
  const find = ({ params }: CloudflareRequest): KvNamespace => {
    const found = namespaces.get(params['id'] ?? '');
    if (found === undefined) throw new Refused(404, 10013, 'namespace not found');
    return found;
  };
  const keyOf = ({ params }: CloudflareRequest) => params['key'] ?? '';
  const shown = ({ id, title }: KvNamespace) => ({ id, title, supports_url_encoding: true });
  return {
    [`GET ${base}`]: (request) =>
      page([...namespaces.values()].map(shown), request, { least: 5, most: 1000, usual: 20 }),
    [`POST ${base}`]: (request) => {
      const title = text(fields(request, ['title'])['title'], 'title');
      // (the wording unverified, the code as wrangler expects it)
      if ([...namespaces.values()].some((other) => other.title === title)) {
        throw new Refused(400, 10014, 'a namespace with this account ID and title already exists');
      }
      const namespace = { id: randomBytes(16).toString('hex'), title, values: new Map() };
      namespaces.set(namespace.id, namespace);
      return ok(shown(namespace));
    },
    [`GET ${base}/:id`]: (request) => ok(shown(find(request))),
    [`DELETE ${base}/:id`]: (request) => {
      namespaces.delete(find(request).id);
      return ok(null);
    },
    [`GET ${base}/:id/keys`]: (request) =>
      ok(
        [...find(request).values.keys()].map((name) => ({ name })),
        { count: 0, cursor: '' },
      ),
    [`GET ${base}/:id/values/:key`]: (request) => {
      const value = find(request).values.get(keyOf(request));
      if (value === undefined) throw new Refused(404, 10009, "get: 'key not found'");
      return { status: 200, headers: { 'content-type': 'application/octet-stream' }, body: value };
    },
    [`PUT ${base}/:id/values/:key`]: (request) => {
      const value = request.form?.get('value') ?? request.text;
      find(request).values.set(keyOf(request), String(value));
      return ok(null);
    },
    [`DELETE ${base}/:id/values/:key`]: (request) => {
      find(request).values.delete(keyOf(request));
      return ok(null);
    },
  };
}
