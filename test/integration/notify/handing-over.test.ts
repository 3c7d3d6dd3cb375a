import { createSocket, type Socket } from 'node:dgram';
import { afterEach, describe, expect, it } from '@jest/globals';
import { nameServiceAnswers } from '../../../src/adapters/http/name-service.ts';
import { postMessage } from '../../../src/adapters/notify/post-message.ts';
import { sendMail } from '../../../src/adapters/notify/send-mail.ts';
import { mailServer } from '../../../src/core/notify/channel.ts';
import { redactor } from '../../../src/core/secrets/redact.ts';
import { makeCertificates } from '../../support/certificates.ts';
import { closeServers, freePort, tcpServer } from '../../support/local-server.ts';
import { closeMailReceivers, mailReceiver } from '../../support/mail-receiver.ts';
import { webhookReceiver } from '../../support/webhook-receiver.ts';

const sockets: Socket[] = [];
afterEach(() => {
  closeServers();
  closeMailReceivers();
  for (const socket of sockets.splice(0)) socket.close();
});

const inTime = () => AbortSignal.timeout(20_000);
const key = 'T0KENT0KENT0KENT0KEN';
const redact = redactor([key]);
const soon = () => AbortSignal.timeout(700);
const post = async (url: string, signal = inTime()) =>
  await postMessage({ url, body: '{"a":1}', redact, signal });

describe('a message by HTTP', () => {
  it('is sent again while the other side is busy, with headers of its own each time', async () => {
    let made = 0;
    const { url, received } = await webhookReceiver((response, before) => {
      response.statusCode = [503, 429, 204][before] ?? 500;
      if (before === 1) response.setHeader('retry-after', '1');
      response.end();
    });
    const headers = () => {
      made += 1;
      return { 'x-made': String(made) };
    };
    const sent = await postMessage({ url, body: '{}', headers, redact, signal: inTime() });
    expect(sent).toEqual({ ok: true, status: 204 });
    expect(received.map((it) => it.headers['x-made'])).toEqual(['1', '2', '3']);
  });

  it.each([
    [400, {}, 'it answered 400: no_service'],
    [
      302,
      { location: 'http://127.0.0.1:9/elsewhere' },
      'it answered 302 and leads elsewhere, which is not followed',
    ],
    [429, { 'retry-after': '3600' }, 'it answered 429: no_service'],
  ])('is not sent again after %d', async (status, headers, why) => {
    const { url, received } = await webhookReceiver((response) =>
      response.writeHead(status, headers).end('no_service'),
    );
    expect(await post(url)).toEqual({ ok: false, status, why });
    expect(received).toHaveLength(1);
  });

  it('is sent again after a connection that was cut', async () => {
    const { url, received } = await webhookReceiver((response, before) => {
      if (before === 0) response.destroy();
      else response.end();
    });
    expect(await post(url)).toEqual({ ok: true, status: 200 });
    expect(received).toHaveLength(2);
  });

  it('ends in time when nobody listens, nobody answers, or an answer never ends', async () => {
    const silent = await tcpServer(() => {});
    const endless = await webhookReceiver((response) => void response.writeHead(500).write('still '));
    const all = await Promise.all([
      post(`http://127.0.0.1:${await freePort()}`, soon()),
      post(`http://127.0.0.1:${silent.port}`, soon()),
      post(endless.url, soon()),
    ]);
    expect(all).toEqual([
      { ok: false, why: 'no connection (ECONNREFUSED); then the time was up' },
      { ok: false, why: expect.stringMatching(/^(the time was up|it did not answer in time)/) },
      { ok: false, why: expect.stringMatching(/time/) },
    ]);
  });

  it('shows little of a long answer', async () => {
    const { url } = await webhookReceiver((response) =>
      response.writeHead(404).end('x\n::error::y'.repeat(50_000)),
    );
    const sent = await post(url);
    expect(sent).toMatchObject({ ok: false, status: 404 });
    expect(JSON.stringify(sent).length).toBeLessThan(300);
    expect(sent).toMatchObject({ why: expect.not.stringMatching(/\n/) });
  });
});

it.each([10, 18])(
  'a secret that an answer quotes is hidden before the answer is cut, %d into it',
  async (into) => {
    const web = await webhookReceiver((response) =>
      response.writeHead(404).end(`${'x'.repeat(120 - into)}${key}`),
    );
    const quoting = await tcpServer((socket) => socket.write(`554 ${'y'.repeat(114 - into)}${key}\r\n`));
    const server = { host: '127.0.0.1', port: quoting.port, isSecure: false, isLoopback: true };
    const mail = { from: 'a@b.c', to: ['d@e.f'], message: Buffer.from('x') };
    const all = await Promise.all([post(web.url), sendMail({ server, ...mail, redact, signal: inTime() })]);
    expect(all).toMatchObject([
      { ok: false, status: 404 },
      { ok: false, status: 554 },
    ]);
    for (const sent of all) expect(JSON.stringify(sent)).not.toContain(key.slice(0, 4));
  },
);

describe('name servers', () => {
  const nameServer = async (answer: (query: Buffer) => Buffer | undefined): Promise<string> => {
    const socket = createSocket('udp4');
    sockets.push(socket);
    socket.on('message', (query, from) => {
      const reply = answer(query);
      if (reply !== undefined) socket.send(reply, from.port, from.address);
    });
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    return `127.0.0.1:${socket.address().port}`;
  };
  /** The question with the flags of an answer, and the code "no such name". */
  const noSuchName = (query: Buffer) =>
    Buffer.concat([query.subarray(0, 2), Buffer.from([0x81, 0x83]), query.subarray(4)]);

  it('answer, also that there is no such name', async () => {
    const servers = [await nameServer(noSuchName)];
    expect(await nameServiceAnswers('nobody.example', { signal: inTime(), servers })).toBe(true);
  });

  it('that are silent are not waited for, and need not be asked for an address', async () => {
    const servers = [await nameServer(() => undefined)];
    const started = performance.now();
    expect(await nameServiceAnswers('nobody.example', { signal: inTime(), servers })).toBe(false);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(await nameServiceAnswers('nobody.example', { signal: AbortSignal.timeout(50), servers })).toBe(
      false,
    );
    for (const host of ['127.0.0.1', '[::1]', 'localhost']) {
      expect(await nameServiceAnswers(host, { signal: inTime(), servers })).toBe(true);
    }
  });
});

describe('a message by SMTP', () => {
  const send = async (url: string, signal = inTime(), to = ['ops@example.org']) => {
    const server = mailServer(url);
    if (server === undefined) throw new Error('no server');
    return await sendMail({
      server,
      from: 'launch@example.org',
      to,
      message: Buffer.from('Subject: x\r\n\r\ny\r\n'),
      redact,
      signal,
    });
  };

  it('is sent again when the server says later', async () => {
    const { port, received } = await mailReceiver({
      refuse: (before) => (before === 0 ? { code: 451, text: 'greylisted' } : undefined),
    });
    expect(await send(`smtp://127.0.0.1:${port}`)).toEqual({ ok: true, status: 250 });
    expect(received).toMatchObject([{ from: 'launch@example.org', to: ['ops@example.org'] }]);
  });

  it('is not sent again when the server says no, to all or to some', async () => {
    const no = { code: 550, text: 'no such mailbox' };
    const all = await mailReceiver({ refuse: () => no });
    expect(await send(`smtp://127.0.0.1:${all.port}`)).toMatchObject({
      ...{ ok: false, status: 550, why: expect.stringContaining('no such mailbox') },
    });
    const some = await mailReceiver({ refuse: (before) => (before === 0 ? no : undefined) });
    expect(await send(`smtp://127.0.0.1:${some.port}`, inTime(), ['a@b.c', 'd@e.f'])).toEqual({
      ...{ ok: false, why: 'the server refused 1 of 2 recipients; the others have it' },
    });
    expect(some.received).toHaveLength(1);
  });

  it('needs the right password', async () => {
    const { port } = await mailReceiver({ login: { user: 'launch', password: 'right' } });
    const sent = await send(`smtp://launch:wrong@127.0.0.1:${port}`);
    expect(sent).toMatchObject({ ok: false, status: 535 });
  });

  it('is not handed to a server whose certificate nobody vouches for', async () => {
    const { selfSigned } = makeCertificates();
    const login = { user: 'launch', password: 'right' };
    const wrapped = await mailReceiver({ certificate: selfSigned, secure: true, login });
    const upgraded = await mailReceiver({ certificate: selfSigned, login });
    for (const url of [
      `smtps://launch:right@localhost:${wrapped.port}`,
      `smtp://launch:right@localhost:${upgraded.port}`,
    ]) {
      expect(await send(url)).toMatchObject({
        ok: false,
        why: expect.stringContaining('no safe connection'),
      });
    }
    expect([...wrapped.received, ...upgraded.received]).toEqual([]);
  });

  it('is not handed in plain text to a server that is not this machine', async () => {
    const { port, received } = await mailReceiver();
    const server = { host: '127.0.0.1', port, isSecure: false, isLoopback: false };
    const sent = await sendMail({
      server,
      from: 'a@b.c',
      to: ['d@e.f'],
      message: Buffer.from('x'),
      redact,
      signal: inTime(),
    });
    expect(sent).toMatchObject({ ok: false });
    expect(received).toEqual([]);
  });

  it('ends in time when nobody listens, or the server says nothing', async () => {
    const silent = await tcpServer(() => {});
    const [nobody, mute] = await Promise.all([
      send(`smtp://127.0.0.1:${await freePort()}`, soon()),
      send(`smtp://127.0.0.1:${silent.port}`, soon()),
    ]);
    expect(nobody).toMatchObject({
      ok: false,
      why: expect.stringMatching(/^no connection .*the time was up$/),
    });
    expect(mute).toMatchObject({ ok: false, why: expect.stringContaining('time') });
  });
});
