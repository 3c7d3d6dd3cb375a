/**
 * Headers given as a JSON object of texts, or as lines `Name: value`; undefined when the text is neither. That
 * names and values are what HTTP allows is checked elsewhere.
 */
export function parseHeaderLines(text: string): Record<string, string> | undefined {
  const trimmed = text.trim();
  const pairs = trimmed.startsWith('{') ? fromJson(trimmed) : fromLines(trimmed);
  return pairs === undefined ? undefined : Object.fromEntries(pairs);
}

function fromJson(text: string): [string, string][] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const pairs = Object.entries(value).map(([name, item]: [string, unknown]) => [name, item] as const);
  return pairs.every((pair): pair is [string, string] => typeof pair[1] === 'string') ? pairs : undefined;
}

function fromLines(text: string): [string, string][] | undefined {
  const pairs: [string, string][] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '') continue;
    const colon = line.indexOf(':');
    if (colon < 1) return undefined;
    pairs.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()]);
  }
  return pairs;
}
