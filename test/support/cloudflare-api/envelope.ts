// What every answer of Cloudflare's API is wrapped in, and the shapes that the routes of the fake share.
import type { IncomingHttpHeaders } from 'node:http';

export interface CloudflareRequest {
  readonly method: string;
  /** Below `/client/v4`, as it was sent. */
  readonly path: string;
  /** The parts of the path that the route has names for, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  /** Parsed JSON; undefined when the body is empty or not JSON. */
  readonly body: unknown;
  /** The parts of a multipart body. */
  readonly form: FormData | undefined;
  /** The body as it came. */
  readonly text: string;
}

export interface CloudflareAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string as it is. */
  readonly body: unknown;
}

export type Handler = (request: CloudflareRequest) => CloudflareAnswer;

/** By `METHOD /path/:param`; an asterisk before the method of a route that takes no token. */
export type Routes = Readonly<Record<string, Handler>>;

export function ok(result: unknown, info?: Readonly<Record<string, unknown>>): CloudflareAnswer {
  return {
    status: 200,
    body: {
      success: true,
      errors: [],
      messages: [],
      result,
      ...(info === undefined ? {} : { result_info: info }),
    },
  };
}

export function refuse(status: number, code: number, message: string): CloudflareAnswer {
  return { status, body: { success: false, errors: [{ code, message }], messages: [], result: null } };
}

/** Thrown by a route deep inside for an answer that ends the request. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly answer: CloudflareAnswer;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.answer = refuse(status, code, message);
  }
}

/** A request that no client of Cloudflare should send; the fake keeps it in its `refused`. */
export class Malformed extends Refused {
  constructor(message: string, code = 10001) {
    super(400, code, message);
  }
}

/** One page of a list, by `page` and `per_page`. */
export function page(
  items: readonly unknown[],
  { query }: CloudflareRequest,
  bounds = { least: 1, most: 100, usual: 20 },
): CloudflareAnswer {
  const number = whole(query['page'] ?? '1', 'page', 1, 1_000_000);
  const size = whole(query['per_page'] ?? String(bounds.usual), 'per_page', bounds.least, bounds.most);
  const slice = items.slice((number - 1) * size, number * size);
  return ok(slice, {
    page: number,
    per_page: size,
    count: slice.length,
    total_count: items.length,
    total_pages: Math.ceil(items.length / size),
  });
}

function whole(text: string, name: string, least: number, most: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new Malformed(`${name} is ${text}, not a whole number from ${least} to ${most}`);
}

/** The body as an object, whose keys are among `known`. */
export function fields(request: CloudflareRequest, known: readonly string[]): Record<string, unknown> {
  const { body } = request;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new Malformed(`${request.method} ${request.path}: the body is no JSON object`);
  }
  const unknown = Object.keys(body).filter((key) => !known.includes(key));
  if (unknown.length > 0) throw new Malformed(`${request.path}: unknown fields ${unknown.join(', ')}`);
  return { ...body };
}

export function text(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new Malformed(`${name} is no text: ${JSON.stringify(value)}`);
}

export function record(value: unknown, name: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new Malformed(`${name} is no object: ${JSON.stringify(value)}`);
}
