// How Linode's API answers, and the shapes that the routes of the fake share.
import type { IncomingHttpHeaders } from 'node:http';

export interface LinodeRequest {
  readonly method: string;
  /** Below `/v4`, as it was sent. */
  readonly path: string;
  /** The parts of the path that the route has names for, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  /** Parsed JSON; undefined when the body is empty or not JSON. */
  readonly body: unknown;
  /** The body as it came. */
  readonly text: string;
}

export interface LinodeAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body: unknown;
}

export type Handler = (request: LinodeRequest) => LinodeAnswer;

/** By `METHOD /path/:param`; an asterisk before the method of a route that takes no token. */
export type Routes = Readonly<Record<string, Handler>>;

export function ok(body: unknown): LinodeAnswer {
  return { status: 200, body };
}

export function refuse(status: number, reason: string, field?: string): LinodeAnswer {
  return { status, body: { errors: [{ ...(field === undefined ? {} : { field }), reason }] } };
}

/** Thrown by a route deep inside for an answer that ends the request. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly answer: LinodeAnswer;

  constructor(status: number, reason: string, field?: string) {
    super(field === undefined ? reason : `${field}: ${reason}`);
    this.answer = refuse(status, reason, field);
  }
}

/** A request that no client of Linode should send; the fake keeps it in its `refused`. */
export class Malformed extends Refused {
  constructor(reason: string, field?: string) {
    super(400, reason, field);
  }
}

/** One page of a list, by `page` and `page_size`, of what the `X-Filter` leaves. */
export function page(
  items: readonly object[],
  request: LinodeRequest,
  filterable: readonly string[] = [],
): LinodeAnswer {
  const { query } = request;
  const unknown = Object.keys(query).filter((name) => name !== 'page' && name !== 'page_size');
  if (unknown.length > 0) throw new Malformed(`${request.path}: unknown query ${unknown.join(', ')}`);
  const left = items.filter(filterOf(request, filterable));
  const size = whole(query['page_size'] ?? '100', 'page_size', 25, 500);
  const pages = Math.max(1, Math.ceil(left.length / size));
  const number = whole(query['page'] ?? '1', 'page', 1, 1_000_000);
  if (number > pages) throw new Refused(404, 'Not found');
  return ok({
    data: left.slice((number - 1) * size, number * size),
    page: number,
    pages,
    results: left.length,
  });
}

function filterOf({ headers, path }: LinodeRequest, filterable: readonly string[]) {
  const given = headers['x-filter'];
  if (given === undefined) return () => true;
  const filter = record(parse(String(given)), 'X-Filter');
  const { '+order': _order, '+order_by': _by, ...equal } = filter;
  for (const name of Object.keys(equal)) {
    if (!filterable.includes(name)) throw new Malformed(`${path} can't be filtered by ${name}`);
  }
  return (item: object) =>
    Object.entries(equal).every(([name, wanted]) => {
      const value = name
        .split('.')
        .reduce<unknown>((at, key) => (isRecord(at) ? Reflect.get(at, key) : undefined), item);
      return Array.isArray(value) ? value.includes(wanted) : value === wanted;
    });
}

function whole(text: string, name: string, least: number, most: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new Malformed(`Must be ${least}-${most}`, name);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Malformed('X-Filter is no JSON');
  }
}

/** The body as an object, whose keys are among `known`. */
export function fields(request: LinodeRequest, known: readonly string[]): Record<string, unknown> {
  if (!isRecord(request.body)) {
    throw new Malformed(`${request.method} ${request.path}: the body is no JSON object`);
  }
  const unknown = Object.keys(request.body).filter((key) => !known.includes(key));
  if (unknown.length > 0) throw new Malformed(`${request.path}: unknown fields ${unknown.join(', ')}`);
  return { ...request.body };
}

export function text(value: unknown, field: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new Malformed('Must be a text', field);
}

export function texts(value: unknown, field: string): string[] {
  if (Array.isArray(value) && value.every((item): item is string => typeof item === 'string')) return value;
  throw new Malformed('Must be a list of texts', field);
}

export function record(value: unknown, field: string): Record<string, unknown> {
  if (isRecord(value)) return { ...value };
  throw new Malformed('Must be an object', field);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** As the API writes times: UTC without a zone. */
export function stamp(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19);
}

const label = /^[a-zA-Z]((?!--|__|\.\.)[a-zA-Z0-9-_.])*[a-zA-Z0-9]$/;

/** @throws Refused as the API does for a label that can't be one */
export function labelOf(value: unknown, longest: number): string {
  const given = text(value, 'label');
  if (given.length < 3 || given.length > longest) {
    throw new Refused(400, `Length must be 3-${longest} characters`, 'label');
  }
  if (!label.test(given)) {
    throw new Refused(400, 'Label must begin with a letter and end with a letter or digit', 'label');
  }
  return given;
}
