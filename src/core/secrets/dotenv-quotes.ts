/** Where a quoted text ends, given what follows the opening quote; -1 when it does not end there. */
export function closingQuote(text: string, quote: '"' | "'"): number {
  for (let at = 0; at < text.length; at += 1) {
    if (quote === '"' && text[at] === '\\') at += 1;
    else if (text[at] === quote) return at;
  }
  return -1;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', $: '$' };

/** What stood between double quotes. */
export function withEscapes(text: string): string {
  return text.replace(/\\(.)/gs, (whole, char: string) => escapes[char] ?? whole);
}

/** A value without the quotes around it, where there are some. */
export function unquoted(value: string): string {
  const [quote] = value;
  if (quote !== '"' && quote !== "'") return value;
  const body = value.slice(1);
  if (body === '' || closingQuote(body, quote) !== body.length - 1) return value;
  return quote === '"' ? withEscapes(body.slice(0, -1)) : body.slice(0, -1);
}
