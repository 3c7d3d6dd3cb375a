import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

/**
 * How far this machine's clock is ahead of a web server's, by the `Date` of its answer, in milliseconds; negative
 * when it is behind. Undefined when there is no answer in time. Exact to a second.
 */
export async function aheadOf(url: string, timeoutMs: number): Promise<number | undefined> {
  if (!URL.canParse(url)) return undefined;
  const send = new URL(url).protocol === 'http:' ? httpRequest : httpsRequest;
  const asked = Date.now();
  const date = await new Promise<string | undefined>((resolve) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const sent = send(url, { method: 'HEAD', agent: false, signal }, (answer) => {
      answer.resume();
      resolve(answer.headers.date);
    });
    sent.on('error', () => resolve(undefined));
    sent.end();
  });
  const theirs = Date.parse(date ?? '');
  // The header leaves the part of the second away; half of one is the best guess.
  return Number.isNaN(theirs) ? undefined : Math.round((asked + Date.now()) / 2 - (theirs + 500));
}
