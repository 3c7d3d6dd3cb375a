/**
 * A compose file with nothing left in it but the names of its services and their `ports`, each on its line: what a
 * search for ports has to parse, which is a fifth of a usual file. Only of a file that is written line by line; of any
 * other all of it is given back.
 */
export function portLines(text: string): string {
  const lines = text.split('\n');
  if (!lines.every(isPlain)) return text;
  const at: Whereabouts = { inServices: false, ofService: undefined, ofKey: undefined, inPorts: false };
  const kept: string[] = [];
  for (const line of lines) {
    const indent = line.search(/[^ ]/);
    const isContent = indent >= 0 && line[indent] !== '#';
    const verdict = isContent ? step(at, line, indent) : 'drop';
    if (verdict === 'odd') return text;
    kept.push(verdict === 'keep' ? line : '');
  }
  return kept.join('\n');
}

interface Whereabouts {
  inServices: boolean;
  /** How far services, and the keys of the one at hand, are indented. */
  ofService: number | undefined;
  ofKey: number | undefined;
  inPorts: boolean;
}

/** What becomes of a line; `odd`: it stands further left than what it would belong to. */
function step(at: Whereabouts, line: string, indent: number): 'keep' | 'drop' | 'odd' {
  if (indent === 0) {
    at.inServices = line.startsWith('services:');
    at.ofService = undefined;
    return at.inServices ? 'keep' : 'drop';
  }
  at.ofService ??= indent;
  if (indent < at.ofService) return 'odd';
  if (indent === at.ofService) {
    at.ofKey = undefined;
    at.inPorts = false;
    return at.inServices ? 'keep' : 'drop';
  }
  at.ofKey ??= indent;
  if (indent < at.ofKey) return 'odd';
  // A list may stand as far left as its key.
  if (indent === at.ofKey && line[indent] !== '-')
    at.inPorts = /^["']?ports["']? *:/.test(line.slice(indent));
  return at.inServices && at.inPorts ? 'keep' : 'drop';
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
