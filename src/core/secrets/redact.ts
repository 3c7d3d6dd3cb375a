import { pieceFinder, shortestPiece } from './secret-pieces.ts';
import { urlForms } from './url-forms.ts';
import { writtenForms } from './written-forms.ts';

/** A shorter text stands for too many things: hiding it would only make a log unreadable. */
const shortestLine = 4;

/**
 * The forms in which a secret is masked: itself, each of its lines, and their base64, URL and JSON forms. Longest
 * first, so that a form never leaves the rest of a longer one behind.
 */
export function secretForms(values: Iterable<string>): string[] {
  const forms = new Set<string>();
  for (const value of values) {
    if (value.trim() === '') continue;
    forms.add(value);
    for (const text of textsOf(value)) {
      forms.add(text);
      if (text.length < shortestLine) continue;
      const base64 = Buffer.from(text).toString('base64');
      for (const form of [
        base64,
        base64.replace(/=+$/, ''),
        Buffer.from(text).toString('base64url'),
        ...urlForms(text),
        JSON.stringify(text).slice(1, -1),
      ]) {
        forms.add(form);
      }
    }
  }
  return longestFirst(forms);
}

/**
 * The value, and those of its lines that are long enough to be told from other text; also the lines that it has once
 * somebody has made new lines of the `\n` in it, as `echo` of many shells does.
 */
function textsOf(value: string): string[] {
  const decoded = value.includes('\\') ? [withoutEscapes(value), value.replace(/\\[nr]/g, '\n')] : [];
  const lines = [value, ...decoded].flatMap(linesOf);
  return [...new Set([value, ...lines.filter((line) => line.length >= shortestLine)])];
}

function linesOf(text: string): string[] {
  return text.split(/\r\n|\n|\r/).flatMap((line) => [line, line.trim()]);
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\' };

function withoutEscapes(value: string): string {
  return value.replace(/\\([nrt\\])/g, (all, letter: string) => escapes[letter] ?? all);
}

function longestFirst(forms: Iterable<string>): string[] {
  return [...forms].sort((a, b) => b.length - a.length);
}

/**
 * A function that replaces every form of the values in a text by `***`: those that are masked, those that other
 * programs write (a runner works these out for itself), and pieces of a long one, such as a log that is cut
 * into lines of a bounded length leaves behind.
 */
export function redactor(values: Iterable<string>): (text: string) => string {
  const all = [...values];
  const masked = secretForms(all).filter((form) => form.length >= shortestLine);
  if (masked.length === 0) return (text) => text;
  const written = all.flatMap(textsOf).flatMap(writtenForms);
  const forms = longestFirst(new Set([...masked, ...written]));
  const findPieces = pieceFinder(forms.filter((form) => form.length > shortestPiece));
  return (text) => {
    let clean = text;
    for (const form of forms) {
      if (clean.includes(form)) clean = clean.replaceAll(form, () => '***');
    }
    return withoutPieces(clean, findPieces(clean));
  };
}

function withoutPieces(text: string, pieces: readonly { readonly start: number; readonly end: number }[]) {
  let out = '';
  let at = 0;
  for (const { start, end } of pieces) {
    out += `${text.slice(at, start)}***`;
    at = end;
  }
  return out + text.slice(at);
}

/**
 * The same, which also hides what is left of a secret at an end where the text was cut: its beginning at the end,
 * its end at the beginning.
 */
export function cutRedactor(values: readonly string[], cut: 'start' | 'end'): (text: string) => string {
  const redact = redactor(values);
  const texts = values.flatMap(textsOf);
  return (text) => {
    const clean = redact(text);
    const length = Math.max(0, ...texts.map((secret) => overlap(clean, secret, cut)));
    if (length === 0) return clean;
    return cut === 'end' ? `${clean.slice(0, -length)}***` : `***${clean.slice(length)}`;
  };
}

/** How much of the secret stands at that end of the text; 0 where it is too little to tell. */
function overlap(text: string, secret: string, cut: 'start' | 'end'): number {
  // A longer rest was found as a piece.
  for (let length = Math.min(secret.length - 1, shortestPiece); length >= shortestLine; length -= 1) {
    const isThere =
      cut === 'end' ? text.endsWith(secret.slice(0, length)) : text.startsWith(secret.slice(-length));
    if (isThere) return length;
  }
  return 0;
}
