import { type CloudflareRequest, fields, Malformed, ok, Refused, type Routes, text } from './envelope.ts';

export interface Bucket {
  readonly name: string;
  readonly createdOn: string;
  readonly objects: Map<string, string>;
}

export interface R2State {
  readonly buckets: Map<string, Bucket>;
}

export function r2State(): R2State {
  return { buckets: new Map() };
}

export function r2Routes({ buckets }: R2State): Routes {
  const base = '/accounts/:account/r2/buckets';
  const find = ({ params }: CloudflareRequest): Bucket => {
    const bucket = buckets.get(params['bucket'] ?? '');
    if (bucket === undefined) throw new Refused(404, 10006, 'The specified bucket does not exist.');
    return bucket;
  };
  const shown = ({ name, createdOn }: Bucket) => ({
    name,
    creation_date: createdOn,
    location: 'WEUR',
    storage_class: 'Standard',
  });
  return {
    [`GET ${base}`]: (request) => {
      const { query } = request;
      const named = [...buckets.values()]
        .filter(({ name }) => name.includes(query['name_contains'] ?? ''))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      const { slice, info } = after(named, ({ name }) => name, query, 1000);
      return ok({ buckets: slice.map(shown) }, info);
    },
    [`POST ${base}`]: (request) => {
      const name = text(fields(request, ['name', 'storageClass', 'locationHint'])['name'], 'name');
      if (!/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name)) {
        throw new Refused(400, 10005, 'The specified bucket name is not valid.');
      }
      // (unverified)
      if (buckets.has(name)) {
        throw new Refused(409, 10004, 'The bucket you tried to create already exists, and you own it.');
      }
      const bucket = { name, createdOn: new Date().toISOString(), objects: new Map<string, string>() };
      buckets.set(name, bucket);
      return ok(shown(bucket));
    },
    [`GET ${base}/:bucket`]: (request) => ok(shown(find(request))),
    [`DELETE ${base}/:bucket`]: (request) => {
      const bucket = find(request);
      if (bucket.objects.size > 0) {
        throw new Refused(409, 10008, 'The bucket you tried to delete is not empty.');
      }
      buckets.delete(bucket.name);
      return ok({});
    },
    [`GET ${base}/:bucket/objects`]: (request) => {
      const { slice, info } = after(
        [...find(request).objects.keys()].sort(),
        (key) => key,
        request.query,
        1000,
      );
      return ok(
        slice.map((key) => ({ key })),
        info,
      );
    },
    [`PUT ${base}/:bucket/objects/:key*`]: (request) => {
      find(request).objects.set(request.params['key'] ?? '', request.text);
      return ok({ key: request.params['key'] });
    },
    [`DELETE ${base}/:bucket/objects/:key*`]: (request) => {
      find(request).objects.delete(request.params['key'] ?? '');
      return ok({ key: request.params['key'] });
    },
  };
}

/** A page of a list that goes on by a cursor: the name of the last item that was given. */
function after<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  query: Readonly<Record<string, string>>,
  most: number,
) {
  const size = Number(query['per_page'] ?? 20);
  if (!Number.isInteger(size) || size < 1 || size > most)
    throw new Malformed(`per_page is ${query['per_page']}`);
  const rest = items.filter((item) => nameOf(item) > (query['cursor'] ?? ''));
  const slice = rest.slice(0, size);
  const last = slice.at(-1);
  const more = rest.length > slice.length && last !== undefined;
  return {
    slice,
    info: {
      per_page: size,
      ...(more ? { cursor: nameOf(last), is_truncated: true } : { is_truncated: false }),
    },
  };
}
