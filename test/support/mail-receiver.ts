// A mail server on the loopback interface: that of Nodemailer's makers.
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { Certificate } from './certificates.ts';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly user: string | undefined;
  readonly isSecure: boolean;
  readonly text: string;
}

export interface MailReceiverOptions {
  readonly certificate?: Certificate;
  /** TLS from the first byte. */
  readonly secure?: boolean;
  readonly login?: { readonly user: string; readonly password: string };
  /** A refusal of the recipient, such as `451 later`, or nothing; called with how many were asked for before. */
  readonly refuse?: (before: number) => { readonly code: number; readonly text: string } | undefined;
}

export interface MailReceiver {
  readonly port: number;
  readonly received: readonly ReceivedMail[];
}

const servers: SMTPServer[] = [];

/** For `afterEach`. */
export function closeMailReceivers(): void {
  for (const server of servers.splice(0)) server.close();
}

export async function mailReceiver(options: MailReceiverOptions = {}): Promise<MailReceiver> {
  const { certificate, secure = false, login, refuse } = options;
  const received: ReceivedMail[] = [];
  let asked = 0;
  const server = new SMTPServer({
    logger: false,
    secure,
    closeTimeout: 100,
    ...(certificate === undefined ? {} : { key: certificate.key, cert: certificate.cert }),
    disabledCommands: [
      ...(certificate === undefined || secure ? ['STARTTLS'] : []),
      ...(login === undefined ? ['AUTH'] : []),
    ],
    authOptional: login === undefined,
    onAuth({ username, password }, _session, done) {
      if (username === login?.user && password === login?.password) done(null, { user: username });
      else done(new Error('Invalid username or password'));
    },
    onRcptTo(_address, _session, done) {
      const refusal = refuse?.(asked);
      asked += 1;
      if (refusal === undefined) done();
      else done(Object.assign(new Error(refusal.text), { responseCode: refusal.code }));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          user: typeof session.user === 'string' ? session.user : undefined,
          isSecure: session.secure,
          text: Buffer.concat(chunks).toString(),
        });
        done();
      });
    },
  });
  server.on('error', () => {});
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return { port: (server.server.address() as AddressInfo).port, received };
}

/** The parts of a message, decoded. */
export function partsOf(mail: string): string[] {
  const boundary = /boundary="([^"]+)"/.exec(mail)?.[1] ?? '';
  return mail
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => Buffer.from(part.split('\r\n\r\n')[1] ?? '', 'base64').toString());
}
