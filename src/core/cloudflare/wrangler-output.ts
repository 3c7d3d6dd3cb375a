import * as z from 'zod/mini';

/** What wrangler writes into WRANGLER_OUTPUT_FILE_PATH, as far as it can be relied on. */
export interface WranglerOutput {
  /** Of a `deploy` or `versions upload` that came to its end. */
  readonly versionId: string | undefined;
  /** Where the version answers without any traffic. */
  readonly previewUrl: string | undefined;
}

const entry = z.looseObject({
  type: z.string(),
  version_id: z.optional(z.nullable(z.string())),
  preview_url: z.optional(z.nullable(z.string())),
});

/** One JSON object a line; lines that are none, and kinds that are not known, are passed over. */
export function readWranglerOutput(text: string): WranglerOutput {
  let found: WranglerOutput = { versionId: undefined, previewUrl: undefined };
  for (const line of text.split('\n')) {
    const read = entry.safeParse(parseJson(line));
    if (!read.success || !['deploy', 'version-upload'].includes(read.data.type)) continue;
    found = { versionId: read.data.version_id ?? undefined, previewUrl: read.data.preview_url ?? undefined };
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

/**
 * What wrangler failed with: the lines of its error, without the frame around them. `lines`: the last lines of both
 * outputs, without colours.
 */
export function wranglerFailure(lines: readonly string[]): string | undefined {
  const start = lines.findIndex((line) => /\[ERROR\]|^\s*(✘|X) /.test(line));
  if (start < 0) return undefined;
  const told: string[] = [];
  for (const line of lines.slice(start)) {
    const text = line.replace(/^\s*(?:✘|X)?\s*\[ERROR\]\s*/, '').trim();
    // Everything after these is advice to whoever sits at a terminal.
    if (/^(If you think this is a bug|🪵|To learn more|Note that)/u.test(text)) break;
    if (text !== '') told.push(text);
    if (told.length === 4) break;
  }
  return told.length === 0 ? undefined : told.join(' ');
}
