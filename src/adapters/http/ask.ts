import type { Asked } from '../../core/gpu/sandbox.ts';
import { noAnswer } from './no-answer.ts';

export interface Question {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** In milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** One request, past any proxy; whatever comes of it is an answer. Of a body no more than a page is read. */
export async function ask(url: string, question: Question): Promise<Asked> {
  const { method = 'GET', headers = {}, body, timeoutMs, signal } = question;
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
    });
    return { kind: 'answer', status: response.status, body: await firstPage(response) };
  } catch (error) {
    const { kind, message } = noAnswer(error);
    return { kind: 'none', why: kind === 'timeout' ? `no answer in ${timeoutMs / 1000} s` : message };
  }
}

const pageBytes = 64 * 1024;

/** What a page is enough to know; the rest of the body is not read. */
export async function firstPage(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    parts.push(part);
    size += part.length;
    if (size >= pageBytes) break;
  }
  return Buffer.concat(parts).subarray(0, pageBytes).toString();
}
