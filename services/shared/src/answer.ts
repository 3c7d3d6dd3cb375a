const headers = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
} as const;

/** An answer in JSON. */
export function answer(body: unknown, status = 200, extra: Readonly<Record<string, string>> = {}): Response {
  return Response.json(body, { status, headers: { ...headers, ...extra } });
}

/** An answer that says why not. `code` is for programs and does not change; `message` is for people. */
export function refusal(
  status: number,
  code: string,
  message: string,
  extra: Readonly<Record<string, string>> = {},
): Response {
  return answer({ error: { code, message } }, status, extra);
}

export function noContent(): Response {
  return new Response(null, { status: 204, headers });
}

/** Seconds for `Retry-After`: whole, rounded up, so that whoever waits that long is not early. */
export function retryAfter(milliseconds: number): string {
  return String(Math.max(1, Math.ceil(milliseconds / 1000)));
}
