// A receiver of messages on the loopback interface, which checks a signature as docs/notifications.md says.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { httpServer } from './local-server.ts';

export interface ReceivedMessage {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: unknown;
}

export interface Receiver {
  readonly url: string;
  readonly received: readonly ReceivedMessage[];
}

/** `answer` is called with how many have come before; by default each is taken with 200. */
export async function webhookReceiver(
  answer: (response: ServerResponse, before: number) => void = (response) => response.end('ok'),
): Promise<Receiver> {
  const received: ReceivedMessage[] = [];
  const { port } = await httpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const before = received.length;
      received.push({ path: request.url ?? '', headers: request.headers, text, body: JSON.parse(text) });
      answer(response, before);
    });
  });
  return { url: `http://127.0.0.1:${port}`, received };
}

/** Whether who sent this knows the secret, and sent it within the last five minutes. */
export function isSigned({ headers, text }: ReceivedMessage, secret: string): boolean {
  const timestamp = String(headers['x-launch-timestamp']);
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) < 300)) return false;
  const expected = `sha256=${createHmac('sha256', secret).update(`${timestamp}.${text}`).digest('hex')}`;
  const given = String(headers['x-launch-signature-256']);
  return given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
}
