/**
 * Any text as Markdown that shows exactly that text: no markup, HTML, mention or link comes alive, and it
 * stays on one line, so that it can stand in a table's cell.
 */
export function plain(text: string): string {
  // GitHub looks for names, numbers and addresses once it has made HTML of it: a word joiner parts them.
  return escaped(text)
    .replace(/(&#(?:64|35);|\bGH-)(?=\w)/gi, '$1&#8288;')
    .replace(/\bwww\./gi, 'www&#46;&#8288;');
}

function escaped(text: string): string {
  return seen(text)
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .replace(/[&<>\\`*_{}[\]()#+!|~@:$]/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** Characters that turn the direction of a text, join or part letters, or are not seen at all, as their numbers. */
function seen(text: string): string {
  // Nearly every text, and a plan may have a hundred thousand.
  if (/^[ -~]*$/.test(text)) return text;
  return text.replace(
    /(?![\ufe0e\ufe0f])\p{Default_Ignorable_Code_Point}|\p{Surrogate}|[\ufff9-\ufffb]/gu,
    (c) => `\\u{${c.codePointAt(0)?.toString(16)}}`,
  );
}

/** The beginning of a text, which ends with a whole character; `…` says that there is more. */
export function shortened(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit).replace(/[\ud800-\udbff]$/, '')}…` : text;
}

/**
 * Any text as inline code. HTML's `<code>`, because a backtick in the text can't end it; in it GitHub looks for no
 * names.
 */
export function code(text: string): string {
  return `<code>${escaped(text).replace(/\bwww\./gi, 'www&#46;')}</code>`;
}

/**
 * Any lines as a block of code whose fence no line of them can close, and of which none passes for a command to a
 * runner that prints it.
 */
export function codeBlock(lines: readonly string[], language = ''): string {
  const text = lines
    .map((line) =>
      seen(line)
        .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/g, '\ufffd')
        .replace(/^(\s*):(?=:)/, '$1:\u2060')
        .replaceAll('##[', '#\u2060#['),
    )
    .join('\n');
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
