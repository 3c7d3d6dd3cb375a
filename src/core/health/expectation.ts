/** The statuses that count, as inclusive ranges. */
export type StatusExpectation = readonly StatusRange[];

export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

/** Without another wish any answer that is neither an error of the client nor of the server counts. */
export const defaultStatus: StatusExpectation = [{ from: 200, to: 399 }];

/** `200`, `200-299`, `2xx`, and several of these separated by commas; undefined when the text is none of it. */
export function parseStatus(text: string): StatusExpectation | undefined {
  const ranges = text.split(',').map((part) => parseRange(part.trim()));
  return ranges.every((range) => range !== undefined) ? ranges : undefined;
}

function parseRange(text: string): StatusRange | undefined {
  const family = /^([1-5])xx$/i.exec(text);
  if (family !== null) return { from: Number(family[1]) * 100, to: Number(family[1]) * 100 + 99 };
  const match = /^(\d{3})(?:\s*-\s*(\d{3}))?$/.exec(text);
  if (match === null) return undefined;
  const range = { from: Number(match[1]), to: Number(match[2] ?? match[1]) };
  return range.from >= 100 && range.to <= 599 && range.from <= range.to ? range : undefined;
}

export function statusMatches(expected: StatusExpectation, status: number): boolean {
  return expected.some((range) => status >= range.from && status <= range.to);
}

export function describeStatus(expected: StatusExpectation): string {
  return expected
    .map(({ from, to }) => {
      if (from === to) return String(from);
      return to - from === 99 && from % 100 === 0 ? `${from / 100}xx` : `${from}-${to}`;
    })
    .join(', ');
}

/** A text that must occur, or a regular expression that must match; `text` is how it was written. */
export interface BodyExpectation {
  readonly text: string;
  readonly pattern: RegExp | undefined;
}

/** `/ok|up/i` is a regular expression, everything else a text; undefined when the expression is not valid. */
export function parseBody(text: string): BodyExpectation | undefined {
  const match = /^\/(.+)\/([imsu]*)$/s.exec(text);
  if (match === null) return text === '' ? undefined : { text, pattern: undefined };
  try {
    return { text, pattern: new RegExp(match[1] ?? '', match[2]) };
  } catch {
    return undefined;
  }
}

export function bodyMatches(expected: BodyExpectation, body: string): boolean {
  return expected.pattern === undefined ? body.includes(expected.text) : expected.pattern.test(body);
}

/** A header that the answer must have; with `value`, holding that text or matching that expression. */
export interface HeaderExpectation {
  readonly name: string;
  readonly value: BodyExpectation | undefined;
}

export function headerMatches(expected: HeaderExpectation, actual: string | undefined): boolean {
  if (actual === undefined) return false;
  return expected.value === undefined || bodyMatches(expected.value, actual);
}

/** What HTTP allows in a header's name and value; a line break in a value would start another header. */
export function isHeader(name: string, value: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && /^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(value);
}
