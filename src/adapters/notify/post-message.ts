import { printable } from '../../core/names.ts';
import { fetchThroughProxy } from '../github/proxied-fetch.ts';
import { firstPage } from '../http/ask.ts';
import { nameServiceAnswers } from '../http/name-service.ts';
import { noAnswer } from '../http/no-answer.ts';
import { retryAfterOf } from '../http/patiently.ts';
import { NotTaken, type Sent, untilTaken } from './attempt.ts';

export interface Posting {
  readonly url: string;
  /** JSON. */
  readonly body: string;
  /** For what the other side says, before it is cut: what is left of a secret at the end of a text would not be known for one. */
  readonly redact: (text: string) => string;
  /** Made anew for each attempt. */
  readonly headers?: () => Readonly<Record<string, string>>;
  /** Ends it, whatever the other side does. */
  readonly signal: AbortSignal;
}

/**
 * Posts JSON, and again after what may pass: 408, 429 with a short wait, 5xx, no connection. No answer to what was sent is none
 * of these, since the message may have been taken. Nobody is sent on to elsewhere: the message was meant for this address.
 */
export async function postMessage(posting: Posting): Promise<Sent> {
  return await untilTaken(async () => await post(posting), posting.signal);
}

async function post(posting: Posting): Promise<number> {
  const response = await send(posting);
  const { status } = response;
  if (response.ok) {
    await response.body?.cancel();
    return status;
  }
  if (status >= 300 && status < 400) {
    await response.body?.cancel();
    throw new NotTaken(`it answered ${status} and leads elsewhere, which is not followed`, {
      status,
      mayPass: false,
    });
  }
  const said = printable(posting.redact((await firstPage(response).catch(() => '')).trim()), 120);
  const mayPass = status === 408 || status === 429 || status >= 500;
  const why = `it answered ${status}${said === '' ? '' : `: ${said}`}`;
  throw new NotTaken(why, { status, mayPass, retryAfter: retryAfterOf(response.headers) });
}

async function send({ url, body, headers, signal }: Posting): Promise<Response> {
  const proxied = await fetchThroughProxy();
  // A proxy looks names up itself.
  if (proxied === undefined && !(await nameServiceAnswers(new URL(url).hostname, { signal }))) {
    throw new NotTaken('its name could not be looked up: no name server answers', { mayPass: false });
  }
  try {
    return await (proxied ?? fetch)(url, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/json', 'user-agent': 'launch', ...headers?.() },
      body,
      signal,
    });
  } catch (error) {
    const { kind, message } = noAnswer(error);
    throw new NotTaken(
      kind === 'timeout' ? 'it did not answer in time' : `no connection (${printable(message, 120)})`,
      { mayPass: kind === 'network' },
    );
  }
}
