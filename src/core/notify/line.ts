/** Characters that reorder, hide or break what people read: controls, direction marks, invisible joiners. */
const unseen =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+/g;

/** Foreign text as one line that shows what it holds. */
export function oneLine(text: string): string {
  return text.toWellFormed().replace(unseen, ' ').replace(/ {2,}/g, ' ').trim();
}

/**
 * Foreign text on one line, escaped, in at most `limit` UTF-16 units after that, which is how Slack and Discord count; cut with
 * "…", and never in the middle of a character or of an escape.
 */
export function fitted(text: string, limit: number, mark: (text: string) => string = (same) => same): string {
  const line = oneLine(text);
  const whole = mark(line);
  if (whole.length <= limit) return whole;
  let cut = '';
  for (const character of line) {
    const next = mark(character);
    if (cut.length + next.length > limit - 1) break;
    cut += next;
  }
  return `${cut}…`;
}
