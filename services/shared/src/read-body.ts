import * as z from 'zod/mini';
import { refusal } from './answer.ts';

export type ReadBody<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Response };

/** The request's JSON as a value of `schema`, or the answer that says what is wrong with it. */
export async function readBody<S extends z.ZodMiniType>(
  request: Request,
  schema: S,
  maxBytes: number,
): Promise<ReadBody<z.output<S>>> {
  const bytes = await readAtMost(request.body, maxBytes);
  if (bytes === undefined) {
    return {
      ok: false,
      refusal: refusal(413, 'body_too_large', `The body has more than ${maxBytes} bytes.`),
    };
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch {
    return { ok: false, refusal: refusal(400, 'not_json', 'The body is not valid JSON in UTF-8.') };
  }
  return checked(schema, value);
}

/** A value of `schema`, or the answer that says what is wrong with it. */
export function checked<S extends z.ZodMiniType>(schema: S, value: unknown): ReadBody<z.output<S>> {
  const parsed = z.safeParse(schema, value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? 'It' : issue.path.map(String).join('.');
  return {
    ok: false,
    refusal: refusal(400, 'invalid_request', `${where.slice(0, 200)}: ${issue?.message ?? 'is not valid'}.`),
  };
}

/** Undefined when there is more; then the rest is not read. */
export async function readAtMost(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  if (body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    // Leaving the loop cancels the stream.
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}
