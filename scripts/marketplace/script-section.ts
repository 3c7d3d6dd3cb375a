/** `text` with `content` between the lines `# name:start …` and `# name:end`, each of which is there once. */
export function replaceScriptSection(text: string, name: string, content: string): string {
  const lines = text.split('\n');
  const at = (pattern: RegExp) => lines.flatMap((line, index) => (pattern.test(line) ? [index] : []));
  const [start, ...otherStarts] = at(new RegExp(`^# ${name}:start\\b`));
  const [end, ...otherEnds] = at(new RegExp(`^# ${name}:end$`));
  if (start === undefined || end === undefined || end < start || otherStarts.length + otherEnds.length > 0) {
    throw new Error(`not once, and in this order: # ${name}:start and # ${name}:end`);
  }
  return [...lines.slice(0, start + 1), ...content.split('\n'), ...lines.slice(end)].join('\n');
}
