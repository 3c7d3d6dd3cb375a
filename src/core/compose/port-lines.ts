/**
 * A compose file with nothing left in it but the names of its services and their `ports`, each on its line: what a
 * search for ports has to parse, which is a fifth of a usual file. Only of a file that is written line by line; of any
 * other all of it is given back.
 */
export function portLines(text: string): string {
  const lines = text.split('\n');
  if (!lines.every(isPlain)) return text;
  const kept: string[] = [];
  let inServices = false;
  /** How far services, and the keys of the one at hand, are indented. */
  let ofService: number | undefined;
  let ofKey: number | undefined;
  let inPorts = false;
  for (const line of lines) {
    const indent = line.search(/[^ ]/);
    if (indent < 0 || line[indent] === '#') {
      kept.push('');
      continue;
    }
    if (indent === 0) {
      inServices = line.startsWith('services:');
      // A list may stand as far left as its key; of a map of services there is none.
      ofService = undefined;
      kept.push(inServices ? line : '');
      continue;
    }
    ofService ??= indent;
    if (indent < ofService) return text;
    if (indent === ofService) {
      ofKey = undefined;
      inPorts = false;
    } else {
      ofKey ??= indent;
      if (indent < ofKey) return text;
      if (indent === ofKey && line[indent] !== '-') inPorts = /^["']?ports["']? *:/.test(line.slice(indent));
    }
    kept.push(inServices && (indent === ofService || inPorts) ? line : '');
  }
  return kept.join('\n');
}

/**
 * Nothing that reaches into another line: anchors and what refers to them, tags, block texts, texts in quotes and
 * brackets that go on, tabs, further documents.
 */
function isPlain(line: string): boolean {
  if (/[&*|>!\t%?]|<<|^(?:---|\.\.\.)/.test(line))
    return line.trimStart().startsWith('#') && !line.includes('\t');
  const count = (sign: RegExp) => line.match(sign)?.length ?? 0;
  return count(/"/g) % 2 === 0 && count(/'/g) % 2 === 0 && count(/[[{]/g) === count(/[\]}]/g);
}
