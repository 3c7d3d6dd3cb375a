/** What a sandbox is asked from outside, and how it answered. */
export interface SandboxCheck {
  readonly name: string;
  readonly url: string;
  readonly ok: boolean;
  /** What came, for people. */
  readonly detail: string;
}

export interface SandboxReport {
  readonly host: string;
  readonly ok: boolean;
  readonly checks: readonly SandboxCheck[];
}

/** An HTTP answer, or why there was none. */
export type Asked =
  | { readonly kind: 'answer'; readonly status: number; readonly body: string }
  | { readonly kind: 'none'; readonly why: string };

/** The answers by which a sandbox is known to be up. */
export type SandboxState =
  | { readonly state: 'up'; readonly isOpen: boolean }
  | { readonly state: 'waiting'; readonly told: string };

/** Whether both services answer; `isOpen`: the API does so without a key, as it never should. */
export function sandboxState(ui: Asked, api: Asked): SandboxState {
  const missing = [
    ...(isStatus(ui, 200) ? [] : [`chat: ${toldOf(ui)}`]),
    // It is the model's server that asks for the key: before it is up the proxy answers 502.
    ...(isStatus(api, 200) || isStatus(api, 401) ? [] : [`API: ${toldOf(api)}`]),
  ];
  if (missing.length > 0) return { state: 'waiting', told: missing.join('; ') };
  return { state: 'up', isOpen: isStatus(api, 200) };
}

export function isStatus(asked: Asked, status: number): boolean {
  return asked.kind === 'answer' && asked.status === status;
}

export function toldOf(asked: Asked): string {
  return asked.kind === 'answer' ? `status ${asked.status}` : asked.why;
}

/** The first model that the API lists; undefined when the answer is no such list. */
export function firstModel(body: string): string | undefined {
  const id = at(at(at(parse(body), 'data'), 0), 'id');
  return typeof id === 'string' && id !== '' ? id : undefined;
}

/** What the model said; undefined when the answer is no completion. */
export function completionIn(body: string): string | undefined {
  const content = at(at(at(at(parse(body), 'choices'), 0), 'message'), 'content');
  return typeof content === 'string' ? content : undefined;
}

function at(value: unknown, key: string | number): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
