// What stackscripts/ai-sandbox.sh leaves behind on the real engine: its compose file, Caddy, and stand-ins that speak as vLLM
// and Open WebUI do.
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import OpenAI, { AuthenticationError, NotFoundError } from 'openai';
import { modelId } from '../../support/ai-sandbox/host.ts';
import { createStackHost, type StackHost } from '../../support/ai-sandbox/stack.ts';
import { closeServers } from '../../support/local-server.ts';
import { removeRepositories } from '../../support/repository.ts';
import { requireTools } from '../../support/tools.ts';

interface Message {
  readonly role: string;
  readonly content: string;
}
interface Completion {
  readonly choices: readonly { readonly message: Message }[];
}
const read = async <T>(response: Response): Promise<T> => JSON.parse(await response.text());

requireTools(
  'root',
  'docker',
  'compose',
  'curl',
  'caddy',
  'busybox',
)('the stack of the AI sandbox', () => {
  let stack: StackHost;
  let key: string;
  let output: string;
  beforeAll(async () => {
    stack = await createStackHost();
    const run = await stack.host.run();
    output = run.output;
    expect([run.status, stack.host.status().error]).toEqual([0, null]);
    key = stack.host.secret('VLLM_API_KEY');
  }, 180_000);
  afterAll(async () => {
    await stack.remove();
    closeServers();
    removeRepositories();
  });

  const chat = async (content: string, more: object = {}) =>
    await fetch(`${stack.api}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: modelId, messages: [{ role: 'user', content }], ...more }),
    });
  /** The path goes out as it is; fetch would tidy it up. */
  const statusOf = async (path: string, headers = '') => {
    const socket = connect(Number(new URL(stack.api).port), '127.0.0.1');
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`);
    return Number((await text(socket)).split(' ')[1]);
  };

  it('is ready, with the time of each phase', () => {
    expect(output).toMatch(/done +start +\d+ s/);
    expect(output).toMatch(/done +ready +\d+ s/);
  });

  it('asks for the key on /v1', async () => {
    expect(await statusOf('/v1/models')).toBe(401);
    expect(await statusOf('/v1/models', 'Authorization: Bearer wrong\r\n')).toBe(401);
    expect(await statusOf('/v1/models', `Authorization: Bearer ${key}\r\n`)).toBe(200);
    const answer = await fetch(`${stack.api}/v1/chat/completions`, { method: 'POST', body: '{}' });
    expect(answer.status).toBe(401);
  });

  it('lets nothing else of vLLM be reached from outside', async () => {
    const paths = [
      '/',
      '/health',
      '/metrics',
      '/docs',
      '/version',
      '/v1',
      '/V1/../metrics',
      '/v1/../metrics',
      '/v1/./../metrics',
      '/v1//../metrics',
      '/v1/%2e%2e/metrics',
      '/v1/..%2fmetrics',
      '/v1%2f..%2fmetrics',
      '//metrics',
      '/%6detrics',
      '/metrics?x=/v1/',
      '/v2/models',
    ];
    const answers = await Promise.all(
      paths.map(async (path) => [path, await statusOf(path, `Authorization: Bearer ${key}\r\n`)]),
    );
    expect(answers).toEqual(paths.map((path) => [path, 404]));
    // It publishes no port of its own.
    const published = stack.compose('ps', '--format', '{{.Service}} {{.Ports}}').trim().split('\n').sort();
    expect(published).toEqual([
      expect.stringContaining(`api 0.0.0.0:${stack.host.ports.api}->8000/tcp`),
      expect.stringContaining(`open-webui 0.0.0.0:${stack.host.ports.ui}->8080/tcp`),
      expect.stringMatching(/^vllm *$/),
    ]);
    expect(published.join()).not.toContain('[::]');
  });

  it('answers five requests at once, all of them, one at a time', async () => {
    const before = stack.compose('logs', '--no-log-prefix', 'vllm').length;
    const said = ['one', 'two', 'three', 'four', 'five'];
    const answers = await Promise.all(
      said.map(async (word) => {
        const answer = await chat(`the word ${word}`);
        return [answer.status, (await read<Completion>(answer)).choices[0]?.message.content];
      }),
    );
    expect(answers).toEqual(said.map((word) => [200, `You said: the word ${word}`]));
    const lines = stack.compose('logs', '--no-log-prefix', 'vllm').slice(before).trim().split('\n');
    expect(lines).toHaveLength(10);
    for (let index = 0; index < lines.length; index += 2)
      expect(lines[index + 1]).toBe(lines[index]?.replace('begin', 'end'));
  });

  it('streams an answer word by word', async () => {
    const answer = await chat('a b c d e f', { stream: true });
    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    const arrivals: number[] = [];
    let received = '';
    for await (const chunk of answer.body ?? []) {
      arrivals.push(Date.now());
      received += Buffer.from(chunk).toString();
    }
    const words = received
      .split('\n\n')
      .filter((line) => line.startsWith('data: {'))
      .map((line) => JSON.parse(line.slice(6)).choices[0].delta.content ?? '');
    expect(words.join('')).toBe('You said: a b c d e f');
    expect(received).toMatch(/data: \[DONE\]\n\n$/);
    // 8 words at 20 ms each: not in one piece at the end.
    expect((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)).toBeGreaterThan(60);
  });

  it('serves the official client, of which only the base URL and the key are other ones', async () => {
    const client = new OpenAI({ baseURL: `${stack.api}/v1`, apiKey: key });
    const { data } = await client.models.list();
    expect(data.map(({ id }) => id)).toEqual([modelId]);

    const question = { model: modelId, messages: [{ role: 'user' as const, content: 'a b c' }] };
    const answer = await client.chat.completions.create(question);
    expect(answer.choices[0]?.message.content).toBe('You said: a b c');
    const words: string[] = [];
    for await (const chunk of await client.chat.completions.create({ ...question, stream: true })) {
      words.push(chunk.choices[0]?.delta.content ?? '');
    }
    expect(words.filter((word) => word !== '')).toEqual(['You ', 'said: ', 'a ', 'b ', 'c']);

    await expect(client.chat.completions.create({ ...question, model: 'gpt-4o' })).rejects.toThrow(
      NotFoundError,
    );
    const stranger = new OpenAI({ baseURL: `${stack.api}/v1`, apiKey: 'sk-wrong' });
    await expect(stranger.chat.completions.create(question)).rejects.toThrow(AuthenticationError);
    await expect(stranger.models.list()).rejects.toThrow('401');
  });

  it('keeps the chats when its containers are made anew, for a browser that signs in again', async () => {
    const password = stack.host.secret('WEBUI_ADMIN_PASSWORD');
    const signIn = async (as = password) => {
      const answer = await fetch(`${stack.ui}/api/v1/auths/signin`, {
        method: 'POST',
        body: JSON.stringify({ email: stack.host.secret('WEBUI_ADMIN_EMAIL'), password: as }),
      });
      return { status: answer.status, token: (await read<{ token: string }>(answer)).token };
    };
    const ask = async <T>(path: string, token: string, body?: object): Promise<T> => {
      const answer = await fetch(`${stack.ui}${path}`, {
        headers: { authorization: `Bearer ${token}` },
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      });
      return await read(answer);
    };
    expect((await signIn('wrong')).status).toBe(400);
    expect((await fetch(`${stack.ui}/api/v1/auths/signup`, { method: 'POST', body: '{}' })).status).toBe(403);

    const { token } = await signIn();
    const question = [{ role: 'user', content: 'remember me' }];
    const answer = await ask<Completion>('/api/chat/completions', token, {
      model: modelId,
      messages: question,
    });
    const message = answer.choices[0]?.message;
    expect(message?.content).toBe('You said: remember me');
    await ask('/api/v1/chats/new', token, { chat: { messages: [...question, message] } });

    const old = stack.compose('ps', '--quiet', 'open-webui');
    stack.compose('up', '--detach', '--force-recreate', '--timeout', '1');
    expect(stack.compose('ps', '--quiet', 'open-webui')).not.toBe(old);
    // The script waits until it is up again, and changes no container.
    const recreated = stack.compose('ps', '--quiet');
    expect((await stack.host.run()).status).toBe(0);
    expect(stack.compose('ps', '--quiet')).toBe(recreated);

    const again = await signIn();
    const chats = await ask<readonly { chat: object }[]>('/api/v1/chats/', again.token);
    expect(chats.map(({ chat }) => chat)).toEqual([{ messages: [...question, message] }]);
    // Who is signed in stays so.
    expect(await ask('/api/v1/chats/', token)).toHaveLength(1);
  });

  it('says so when vLLM does not start', async () => {
    stack.host.system.remove(
      `/opt/models/hub/models--mistralai--Mistral-7B-Instruct-v0.3/snapshots/${stack.host.hub.commit}/config.json`,
    );
    stack.compose('rm', '--stop', '--force', 'vllm');
    const run = await stack.host.run();
    expect([run.status, stack.host.status().error?.code]).toEqual([1, 'SERVICE_NOT_STARTING']);
    expect(stack.host.status().error?.message).toMatch(/vllm has ended and started again \d+ times/);
    expect(stack.host.log()).toContain(
      "We couldn't find mistralai/Mistral-7B-Instruct-v0.3 in the cached files",
    );
  });
});
