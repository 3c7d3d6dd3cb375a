/**
 * Any text as Markdown that shows exactly that text: no markup, HTML, mention or link comes alive, and it
 * stays on one line, so that it can stand in a table's cell.
 */
export function plain(text: string): string {
  return text
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .replace(/[&<>\\`*_{}[\]()#+!|~@:$]/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** Any text as inline code. HTML's `<code>`, because a backtick in the text can't end it. */
export function code(text: string): string {
  return `<code>${plain(text)}</code>`;
}

/** Any lines as a block of code whose fence no line of them can close. */
export function codeBlock(lines: readonly string[], language = ''): string {
  const text = lines.join('\n');
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** A table; cells are Markdown already, so foreign text goes through `plain` or `code` first. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A link to a URL that is known to be http(s); anything else is shown as text. */
export function link(text: string, url: string): string {
  return /^https?:\/\/[^\s<>"()|]+$/.test(url) ? `[${plain(text)}](${url})` : plain(text);
}
