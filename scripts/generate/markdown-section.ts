/**
 * `text` with `content` between `<!-- name:start -->` and `<!-- name:end -->`; undefined when it has no such
 * markers.
 */
export function replaceSection(text: string, name: string, content: string): string | undefined {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  const from = text.indexOf(start);
  const to = text.indexOf(end, from);
  if (from < 0 || to < 0) return undefined;
  return `${text.slice(0, from + start.length)}\n\n${content}\n\n${text.slice(to)}`;
}

/** Markdown of this repository's own making, as one cell of a table. */
export function cell(text: string): string {
  return text
    .trim()
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll('|', '\\|');
}
