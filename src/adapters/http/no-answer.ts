/** No answer to a request, or none that can be read. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly kind: 'timeout' | 'unreadable' | 'network';

  constructor(kind: NoAnswer['kind'], message: string, cause: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

/** What an error of the platform says; of `fetch failed` its cause, because that alone says nothing. */
export function noAnswer(error: unknown): NoAnswer {
  const name = textOf(error, 'name');
  const cause = typeof error === 'object' && error !== null && 'cause' in error ? error.cause : undefined;
  const reason = textOf(cause, 'code') ?? textOf(cause, 'message') ?? textOf(error, 'message');
  const kind =
    name === 'TimeoutError' || name === 'AbortError'
      ? 'timeout'
      : name === 'SyntaxError'
        ? 'unreadable'
        : 'network';
  return new NoAnswer(kind, reason ?? String(error), error);
}

function textOf(value: unknown, key: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const text: unknown = Reflect.get(value, key);
  return typeof text === 'string' && text !== '' ? text : undefined;
}
