import { ask, type Question } from '../../adapters/http/ask.ts';
import {
  type Asked,
  completionIn,
  firstModel,
  isStatus,
  type SandboxCheck,
  type SandboxReport,
  toldOf,
} from '../../core/gpu/sandbox.ts';
import { printable } from '../../core/names.ts';

export interface SandboxRequest {
  /** A name or an address; IPv6 without brackets. */
  readonly host: string;
  readonly uiPort: number;
  readonly apiPort: number;
  /** Undefined: only what can be seen without one is checked. */
  readonly apiKey: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/** What vLLM serves beside its API, without asking for a key. */
const inner = ['/health', '/metrics', '/docs'] as const;

/** A model may be slow; one that takes longer than this is as good as none. */
const answerMs = 120_000;

/** Looks at the services of a sandbox as they are seen from outside. */
export async function checkSandbox(request: SandboxRequest): Promise<SandboxReport> {
  const { host, uiPort, apiPort, apiKey, signal } = request;
  const name = host.includes(':') ? `[${host}]` : host;
  const [ui, api] = [`http://${name}:${uiPort}`, `http://${name}:${apiPort}`];
  const checks: SandboxCheck[] = [];
  const look = async (
    what: string,
    url: string,
    judge: (asked: Asked) => string | undefined,
    question: Partial<Question> = {},
  ): Promise<Asked> => {
    const asked = await ask(url, { timeoutMs: 10_000, signal, ...question });
    const wrong = judge(asked);
    checks.push({ name: what, url, ok: wrong === undefined, detail: wrong ?? toldOf(asked) });
    return asked;
  };

  await look('chat', `${ui}/health`, (it) => (isStatus(it, 200) ? undefined : `${toldOf(it)}, not 200`));
  await look('API without a key', `${api}/v1/models`, (it) =>
    isStatus(it, 401)
      ? undefined
      : isStatus(it, 200)
        ? 'it answers: whoever reaches it can use it'
        : `${toldOf(it)}, not 401`,
  );
  for (const path of inner) {
    await look(`closed: ${path}`, `${api}${path}`, (it) =>
      it.kind === 'answer' && it.status < 400 ? `it answers with ${it.status}` : undefined,
    );
  }
  if (apiKey !== undefined) {
    const headers = { authorization: `Bearer ${apiKey}` };
    const models = await look(
      'API with the key',
      `${api}/v1/models`,
      (it) =>
        !isStatus(it, 200)
          ? `${toldOf(it)}, not 200`
          : it.kind === 'answer' && firstModel(it.body) === undefined
            ? 'no model is listed'
            : undefined,
      { headers },
    );
    const model = models.kind === 'answer' ? firstModel(models.body) : undefined;
    if (model !== undefined) {
      const messages = [{ role: 'user', content: 'Say hello in one word.' }];
      await look(
        `completion by ${printable(model, 80)}`,
        `${api}/v1/chat/completions`,
        (it) =>
          !isStatus(it, 200)
            ? `${toldOf(it)}, not 200`
            : it.kind === 'answer' && completionIn(it.body) === undefined
              ? 'the answer is no completion'
              : undefined,
        { method: 'POST', headers, timeoutMs: answerMs, body: { model, messages, max_tokens: 16 } },
      );
    }
  }
  return { host, ok: checks.every(({ ok }) => ok), checks };
}
