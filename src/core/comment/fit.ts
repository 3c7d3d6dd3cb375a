/** In characters, as GitHub counts a comment. */
export const commentLimit = 65_536;

/** What is open at the end of a line, and has to be closed where the text is cut. */
interface Open {
  /** The fence of a block of code. */
  readonly fence: string | undefined;
  readonly isComment: boolean;
  readonly details: number;
}

const nothing: Open = { fence: undefined, isComment: false, details: 0 };

/**
 * Markdown that is cut at the end of a line when it is longer than `limit`; what was open there is closed, and `note`,
 * a paragraph, says that something is missing.
 */
export function fitMarkdown(text: string, note: string, limit: number = commentLimit): string {
  if (text.length <= limit) return text;
  let open = nothing;
  let end = 0;
  let closing = `\n\n${note}`;
  for (let at = 0; at < text.length; ) {
    const next = text.indexOf('\n', at);
    const lineEnd = next === -1 ? text.length : next;
    if (lineEnd > limit) break;
    open = after(text.slice(at, lineEnd), open);
    const close = `${closeOf(open)}\n\n${note}`;
    if (lineEnd + close.length <= limit) [end, closing] = [lineEnd, close];
    at = lineEnd + 1;
  }
  return text.slice(0, end) + closing;
}

function after(line: string, open: Open): Open {
  if (open.isComment) return { ...open, isComment: !line.includes('-->') };
  const [, mark = '', rest = ''] = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
  if (open.fence !== undefined) {
    const isEnd = mark.startsWith(open.fence) && rest.trim() === '';
    return isEnd ? { ...open, fence: undefined } : open;
  }
  // A fence of backticks has none in what stands behind it.
  if (mark !== '' && !(mark.startsWith('`') && rest.includes('`'))) return { ...open, fence: mark };
  if (/<!--(?!.*-->)/.test(line)) return { ...open, isComment: true };
  const count = (tag: RegExp) => line.match(tag)?.length ?? 0;
  const details = open.details + count(/<details\b/gi) - count(/<\/details>/gi);
  return { ...open, details: Math.max(0, details) };
}

function closeOf({ fence, isComment, details }: Open): string {
  const block = fence === undefined ? '' : `\n${fence}`;
  return `${block}${isComment ? '\n-->' : ''}${'\n\n</details>'.repeat(details)}`;
}
