import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';

export interface BeatTarget {
  readonly address: string;
  readonly port: number;
  readonly tls: boolean;
  readonly host: string;
  readonly path: string;
}

/**
 * Asks the proxy of this host for a service once, on a connection of its own. The proxy answers 502 to 504 where
 * it reaches nothing; any other answer is the service's own.
 */
export async function beat(target: BeatTarget, limitMs: number): Promise<boolean> {
  const { address, port, tls, host, path } = target;
  const name = host.replace(/^\*/, 'launch');
  const headers = { Host: name };
  const common = { host: address, port, path, agent: false, headers, timeout: limitMs };
  const https = tls ? await import('node:https') : undefined;
  return await new Promise<boolean>((resolve) => {
    const onAnswer = (answer: IncomingMessage) => {
      answer.on('error', () => resolve(false));
      answer.on('end', () => resolve(![502, 503, 504].includes(answer.statusCode ?? 0)));
      answer.resume();
    };
    // Whether the service answers is the question, not whether the certificate has come already.
    const sent: ClientRequest =
      https === undefined
        ? httpRequest(common, onAnswer)
        : https.request({ ...common, servername: name, rejectUnauthorized: false }, onAnswer);
    sent.on('timeout', () => sent.destroy());
    sent.on('error', () => resolve(false));
    sent.end();
  });
}
