import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Attempt, Failure } from '../../core/health/attempt.ts';
import type { HttpCheck } from '../../core/health/check.ts';
import { bodyMatches, headerMatches, statusMatches } from '../../core/health/expectation.ts';
import { networkFailure } from './network-failure.ts';

/** So much of an answer is looked at for the body's expectation … */
const bodyLimit = 256 * 1024;
/** … and so much is read only to be shown. */
const excerptLimit = 4096;

/**
 * Asks a URL once, with GET, on a connection of its own. A redirect is an answer like any other: following it
 * would check another server than the one that was named.
 */
export async function probeHttp(check: HttpCheck, limitMs: number, signal: AbortSignal): Promise<Attempt> {
  const { request } = check.url.startsWith('https:') ? await import('node:https') : await import('node:http');
  const started = performance.now();
  const latencyMs = () => Math.round(performance.now() - started);
  return await new Promise<Attempt>((done) => {
    let outgoing: ClientRequest | undefined;
    let answer: IncomingMessage | undefined;
    let ended = false;
    const read: Buffer[] = [];
    const body = () => Buffer.concat(read).toString();

    const finish = (failure: Failure | undefined) => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      outgoing?.destroy();
      done(
        failure === undefined
          ? { ok: true, latencyMs: latencyMs() }
          : { ok: false, latencyMs: latencyMs(), failure },
      );
    };
    const onAbort = () => finish({ kind: 'other', detail: 'cancelled' });
    const onLimit = () => {
      const late: Failure = { kind: 'timeout', afterMs: Math.round(limitMs), what: 'complete answer' };
      // An answer whose status is wrong is told as that, even when its body never ends.
      if (answer === undefined) finish({ ...late, what: 'answer' });
      else finish(statusFailure(check, answer, body()) ?? late);
    };
    const timer = setTimeout(onLimit, limitMs);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) return onAbort();

    const onError = (error: unknown) => finish(networkFailure(error, hostOf(check.url)));
    try {
      outgoing = request(check.url, { method: 'GET', agent: false, headers: headersOf(check) });
    } catch (error) {
      return onError(error);
    }
    outgoing.on('error', onError);
    outgoing.on('response', (response) => {
      answer = response;
      const failure = statusFailure(check, response, '');
      if (failure === undefined && check.body === undefined) return finish(headerFailure(check, response));
      const limit = failure === undefined ? bodyLimit : excerptLimit;
      let size = 0;
      const judge = () =>
        finish(
          statusFailure(check, response, body()) ??
            headerFailure(check, response) ??
            bodyFailure(check, body()),
        );
      response.on('data', (chunk: Buffer) => {
        read.push(chunk.subarray(0, limit - size));
        size += chunk.length;
        if (size >= limit) judge();
      });
      response.on('end', judge);
      response.on('error', (error) => (failure === undefined ? onError(error) : judge()));
    });
    outgoing.end();
  });
}

function headersOf(check: HttpCheck): Record<string, string> {
  const own = new Set(Object.keys(check.headers).map((name) => name.toLowerCase()));
  return { ...(own.has('user-agent') ? {} : { 'user-agent': 'launch-health-check' }), ...check.headers };
}

function statusFailure(check: HttpCheck, response: IncomingMessage, body: string): Failure | undefined {
  const status = response.statusCode ?? 0;
  if (statusMatches(check.status, status)) return undefined;
  return { kind: 'status', status, expected: check.status, location: response.headers.location, body };
}

function headerFailure(check: HttpCheck, response: IncomingMessage): Failure | undefined {
  for (const expected of check.responseHeaders) {
    const value = response.headers[expected.name];
    const actual = Array.isArray(value) ? value.join(', ') : value;
    if (headerMatches(expected, actual)) continue;
    return {
      kind: 'header',
      name: expected.name,
      expected: expected.value?.text ?? '',
      actual: actual ?? '',
    };
  }
  return undefined;
}

function bodyFailure(check: HttpCheck, body: string): Failure | undefined {
  if (check.body === undefined || bodyMatches(check.body, body)) return undefined;
  return { kind: 'body', expected: check.body.text, body };
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : url;
}
