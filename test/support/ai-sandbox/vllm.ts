// Stands in for vLLM: its endpoints, its key on /v1 alone, its queue. It is no model: it says what was said to it.
//
// Usage: node vllm.ts serve MODEL [OPTIONS as of vllm serve]
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { bearer, readJson, sendJson } from './json-server.ts';

export interface VllmOptions {
  readonly model: string;
  readonly apiKey: string;
  /** How many requests are worked on at once. */
  readonly maxNumSeqs: number;
  readonly millisecondsPerWord?: number;
  readonly log?: (line: string) => void;
}

export function vllm(options: VllmOptions): RequestListener {
  const { model, apiKey, maxNumSeqs, millisecondsPerWord = 1, log = () => {} } = options;
  const waiting: (() => void)[] = [];
  let running = 0;
  let requests = 0;
  const take = async () => {
    if (running >= maxNumSeqs) await new Promise<void>((turn) => waiting.push(turn));
    else running += 1;
  };
  const leave = () => {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  };

  const complete = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await readJson(request);
    const said = lastMessage(body);
    if (body === undefined || said === undefined)
      return sendJson(response, 400, error('messages: Field required', 'BadRequestError', 400));
    if (body['model'] !== model)
      return sendJson(
        response,
        404,
        error(`The model \`${String(body['model'])}\` does not exist.`, 'NotFoundError', 404),
      );
    requests += 1;
    const id = `chatcmpl-${requests}`;
    const head = { id, created: Math.floor(Date.now() / 1000), model };
    const words = `You said: ${said}`.split(/(?<= )/);
    await take();
    log(`begin ${id}`);
    try {
      if (body['stream'] === true) {
        response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
        const send = (delta: object, finish: string | null) =>
          response.write(
            `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`,
          );
        send({ role: 'assistant', content: '' }, null);
        for (const content of words) {
          await sleep(millisecondsPerWord);
          send({ content }, null);
        }
        send({}, 'stop');
        response.end('data: [DONE]\n\n');
      } else {
        await sleep(millisecondsPerWord * words.length);
        const message = { role: 'assistant', content: words.join('') };
        const usage = {
          prompt_tokens: 1,
          completion_tokens: words.length,
          total_tokens: 1 + words.length,
        };
        const choices = [{ index: 0, message, finish_reason: 'stop' }];
        sendJson(response, 200, { ...head, object: 'chat.completion', choices, usage });
      }
    } finally {
      log(`end ${id}`);
      leave();
    }
  };

  return (request, response) => {
    const path = request.url?.split('?')[0] ?? '';
    if (path.startsWith('/v1') && bearer(request) !== apiKey)
      return sendJson(response, 401, { error: 'Unauthorized' });
    switch (`${request.method} ${path}`) {
      case 'GET /health':
        response.writeHead(200).end();
        return;
      case 'GET /metrics':
      case 'GET /docs':
      case 'GET /version':
        response.writeHead(200).end('vllm of the tests');
        return;
      case 'GET /v1/models':
        sendJson(response, 200, { object: 'list', data: [{ id: model, object: 'model', owned_by: 'vllm' }] });
        return;
      case 'POST /v1/chat/completions':
        complete(request, response).catch(() => response.destroy());
        return;
      default:
        sendJson(response, 404, { detail: 'Not Found' });
    }
  };
}

function error(message: string, type: string, code: number) {
  return { error: { message, type, param: null, code } };
}

function lastMessage(body: Record<string, unknown> | undefined): string | undefined {
  const messages = body?.['messages'];
  const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined;
  if (typeof last !== 'object' || last === null || !('content' in last)) return undefined;
  return typeof last.content === 'string' ? last.content : undefined;
}

/** As vLLM does it with HF_HUB_OFFLINE: out of the hub's cache, or not at all. */
function load(model: string): void {
  if (process.env['HF_HUB_OFFLINE'] !== '1') return;
  const cache = join(
    process.env['HF_HOME'] ?? '/root/.cache/huggingface',
    'hub',
    `models--${model.replace('/', '--')}`,
  );
  const ref = join(cache, 'refs/main');
  const commit = existsSync(ref) ? readFileSync(ref, 'utf8') : '';
  if (!existsSync(join(cache, 'snapshots', commit, 'config.json'))) {
    console.error(`OSError: We couldn't find ${model} in the cached files, and offline mode is enabled.`);
    process.exit(1);
  }
}

if (import.meta.main) {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'served-model-name': text,
      host: text,
      port: text,
      'max-model-len': text,
      'max-num-seqs': { type: 'string', default: '256' },
      'gpu-memory-utilization': text,
      'tensor-parallel-size': text,
      'ignore-patterns': text,
    },
  });
  const [command, source = ''] = positionals;
  if (command !== 'serve') throw new Error('vllm serve MODEL');
  load(source);
  const serve = vllm({
    model: values['served-model-name'] ?? source,
    apiKey: process.env['VLLM_API_KEY'] ?? '',
    maxNumSeqs: Number(values['max-num-seqs']),
    millisecondsPerWord: 20,
    log: console.log,
  });
  createServer(serve).listen(Number(values.port ?? 8000), values.host ?? '0.0.0.0');
  process.on('SIGTERM', () => process.exit(0));
}
