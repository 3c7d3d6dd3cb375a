import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type Connection from 'nodemailer/lib/smtp-connection';
import { printable } from '../../core/names.ts';
import type { MailServer } from '../../core/notify/channel.ts';
import { nameServiceAnswers } from '../http/name-service.ts';
import { NotTaken, type Sent, untilTaken } from './attempt.ts';

export interface Mailing {
  readonly server: MailServer;
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and body, as it goes over the wire. */
  readonly message: Buffer;
  /** For what the server says, before it is cut: what is left of a secret at the end of a text would not be known for one. */
  readonly redact: (text: string) => string;
  /** Ends it, whatever the other side does. */
  readonly signal: AbortSignal;
}

/** Hands a message to a mail server, and again after what may pass: a refusal with a code of 4xx, no connection. */
export async function sendMail(mailing: Mailing): Promise<Sent> {
  return await untilTaken(async () => await send(mailing), mailing.signal);
}

/** For what a server may leave without an answer; the signal ends the whole. */
const patienceMs = 8000;

async function send({ server, from, to, message, redact, signal }: Mailing): Promise<number> {
  if (!(await nameServiceAnswers(server.host, { signal }))) {
    throw new NotTaken('its name could not be looked up: no name server answers', { mayPass: false });
  }
  const { default: SMTPConnection } = await import('nodemailer/lib/smtp-connection');
  const connection = new SMTPConnection({
    host: server.host,
    port: server.port,
    secure: server.isSecure,
    // Neither the password nor the message goes over a network in plain text.
    requireTLS: !server.isSecure && !server.isLoopback,
    allowInternalNetworkInterfaces: server.isLoopback,
    connectionTimeout: patienceMs,
    greetingTimeout: patienceMs,
    socketTimeout: patienceMs,
    socketCloseTimeout: 0,
    dnsTimeout: 2500,
    maxResponseSize: 64 * 1024,
    tls: { minVersion: 'TLSv1.2' },
  });
  const close = () => connection.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    await connect(connection);
    if (server.login !== undefined) await login(connection, server.login);
    await handOver(connection, { from, to: [...to] }, message);
    return 250;
  } catch (error) {
    throw asNotTaken(error, redact);
  } finally {
    await leave(connection);
    signal.removeEventListener('abort', close);
  }
}

async function connect(connection: Connection): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    // What goes wrong later is told to whoever waits then, and here to nobody.
    connection.on('error', reject);
    connection.once('end', () => reject(new Error('the connection was closed')));
    connection.connect((error) => (error === undefined ? resolve() : reject(error)));
  });
}

async function login(
  connection: Connection,
  { user, password }: { readonly user: string; readonly password: string },
): Promise<void> {
  await untilEnd(connection, (done) => connection.login({ user, pass: password }, (error) => done(error)));
}

async function handOver(
  connection: Connection,
  envelope: { readonly from: string; readonly to: string[] },
  message: Buffer,
): Promise<void> {
  let refused = 0;
  await untilEnd(connection, (done) =>
    connection.send(envelope, message, (error, info) => {
      refused = info?.rejected.length ?? 0;
      done(error);
    }),
  );
  if (refused === 0) return;
  throw new NotTaken(
    `the server refused ${refused} of ${envelope.to.length} recipients; the others have it`,
    {
      mayPass: false,
    },
  );
}

/** A connection that is closed meanwhile leaves some callbacks uncalled. */
async function untilEnd(
  connection: Connection,
  act: (done: (error: Error | null | undefined) => void) => void,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    connection.once('end', () => reject(new Error('the connection was closed')));
    act((error) => (error === null || error === undefined ? resolve() : reject(error)));
  });
}

/** Politely, but without waiting for a server that does not answer any more. */
async function leave(connection: Connection): Promise<void> {
  const isOver = once(connection, 'end').catch(() => {});
  connection.quit();
  await Promise.race([isOver, wait(300)]);
  connection.close();
}

function asNotTaken(error: unknown, redact: Mailing['redact']): NotTaken {
  if (error instanceof NotTaken) return error;
  const { code, responseCode, message } = shapeOf(error);
  const said = printable(redact(message), 160);
  if (responseCode !== undefined) {
    const mayPass = responseCode >= 400 && responseCode < 500;
    return new NotTaken(`the mail server refused: ${said}`, { status: responseCode, mayPass });
  }
  if (code === 'ETIMEDOUT') return new NotTaken('the mail server did not answer in time', { mayPass: false });
  if (code === 'ETLS' || /certificate|self-signed/i.test(message)) {
    return new NotTaken(`no safe connection (${said})`, { mayPass: false });
  }
  return new NotTaken(`no connection (${said})`, { mayPass: true });
}

function shapeOf(error: unknown) {
  const at = (key: string): unknown =>
    typeof error === 'object' && error !== null ? Reflect.get(error, key) : undefined;
  const [code, responseCode] = [at('code'), at('responseCode')];
  return {
    code: typeof code === 'string' ? code : undefined,
    responseCode: typeof responseCode === 'number' && responseCode > 0 ? responseCode : undefined,
    message: error instanceof Error ? error.message : String(error),
  };
}
