import * as z from 'zod/mini';

/** What wrangler writes into WRANGLER_OUTPUT_FILE_PATH, as far as it can be relied on. */
export interface WranglerOutput {
  /** Of a `deploy` or `versions upload` that came to its end. */
  readonly versionId: string | undefined;
  /** Where the version answers without any traffic. */
  readonly previewUrl: string | undefined;
  /** Undefined where it did not fail, or had no time to say so. */
  readonly failed: WranglerFault | undefined;
}

export interface WranglerFault {
  /** The API's own, where it was the API that refused. */
  readonly code: number | undefined;
  readonly message: string;
  /** How long the API wants to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined;
}

const entry = z.looseObject({
  type: z.string(),
  version_id: z.nullish(z.string()),
  preview_url: z.nullish(z.string()),
  code: z.nullish(z.number()),
  message: z.nullish(z.string()),
  retry_after_ms: z.nullish(z.number()),
});

/** One JSON object a line; lines that are none, and kinds that are not known, are passed over. */
export function readWranglerOutput(text: string): WranglerOutput {
  let found: WranglerOutput = { versionId: undefined, previewUrl: undefined, failed: undefined };
  for (const line of text.split('\n')) {
    const read = entry.safeParse(parseJson(line));
    if (!read.success) continue;
    const { type, version_id, preview_url, code, message, retry_after_ms } = read.data;
    if (type === 'deploy' || type === 'version-upload') {
      found = { ...found, versionId: version_id ?? undefined, previewUrl: preview_url ?? undefined };
    } else if (type === 'command-failed') {
      const retryAfterMs = retry_after_ms ?? undefined;
      found = { ...found, failed: { code: code ?? undefined, message: message ?? '', retryAfterMs } };
    }
  }
  return found;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** The codes that mean the token, as the API's client knows them. */
const tokenCodes: readonly number[] = [1000, 6003, 9106, 9109, 10_000];

export function isTokenFault(fault: WranglerFault | undefined): boolean {
  return tokenCodes.includes(fault?.code ?? 0);
}

/**
 * Whether it may be better in a moment: Cloudflare was busy or broken, or the network was. Wrangler tries most calls
 * once. How long to wait, in milliseconds; undefined where it would be the same again.
 */
export function passingFault(fault: WranglerFault | undefined, lines: readonly string[]): number | undefined {
  if (fault === undefined) return undefined;
  const { code, message, retryAfterMs } = fault;
  if (retryAfterMs !== undefined) return Math.min(retryAfterMs, 60_000);
  const isBusy = code === 10_013 || code === 10_429 || code === 971;
  const isBroken =
    code === undefined && /fetch failed|malformed response|ECONN|socket|timeout/i.test(message);
  const isRefused = lines.some((line) => /-> 4\d\d /.test(line));
  return isBusy || (isBroken && !isRefused) ? 1000 : undefined;
}

/**
 * What wrangler failed with: the lines of its error, without the frame around them. `lines`: the last lines of both
 * outputs, without colours.
 */
export function wranglerFailure(lines: readonly string[]): string | undefined {
  const start = lines.findLastIndex((line) => /\[ERROR\]/.test(line));
  // A wrangler that can't even begin, such as one that was installed by halves, ends with an error of Node's.
  if (start < 0) return lines.findLast((line) => /^(Uncaught )?\w*Error( \[\w+\])?: /.test(line));
  const told: string[] = [];
  for (const line of lines.slice(start)) {
    const text = line.replace(/^.*\[ERROR\]\s*/, '').trim();
    // What follows these is for somebody at a terminal.
    if (/^(If you think this is a bug|Getting User settings|Logs were written)/.test(text)) break;
    if (text !== '') told.push(text);
    if (told.length === 4) break;
  }
  // What the API said of it tells more than that it was asked.
  if (told.length > 1 && /^A request to the Cloudflare API \(.*\) failed\.$/.test(told[0] ?? ''))
    told.shift();
  return told.length === 0 ? undefined : told.join(' ');
}
