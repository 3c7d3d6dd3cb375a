import { urlForms } from './url-forms.ts';

/** Shorter base64 is a word like any other. */
const shortestBase64 = 8;

/**
 * How other programs write a text, beside itself: quoted for a shell (`set -x`, `declare -p`, `printf %q`), for
 * XML and HTML, in JSON as Go writes it, between the single quotes of other languages, and in the middle of
 * something longer that was turned into base64. Only those that differ from it.
 */
export function writtenForms(text: string): string[] {
  const forms = [
    xmlForm(text),
    xmlForm(text).replaceAll('&#39;', '&apos;'),
    text.replaceAll("'", `'\\''`),
    text.replaceAll("'", `'"'"'`),
    text.replace(/[\\"$`]/g, '\\$&'),
    text.replace(/[\s'"\\|&;()<>!{}*[\]?^$`,]|^[#~]/g, '\\$&'),
    ansiForm(text),
    ...urlForms(text).map((form) => form.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())),
    jsonForm(text).replaceAll('\\"', '"').replaceAll("'", "\\'"),
    jsonForm(text).replaceAll('\\"', '"'),
    goJson(text),
    ...insideBase64(text),
  ];
  return forms.filter((form) => form !== text);
}

function xmlForm(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

const ansiEscapes: Readonly<Record<number, string>> = {
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
  27: '\\E',
  39: "\\'",
  92: '\\\\',
};

/** Between `$'` and `'`, as bash writes it where no locale is set: all but ASCII as octal numbers. */
function ansiForm(text: string): string {
  return Array.from(Buffer.from(text), (byte) => {
    if (ansiEscapes[byte] !== undefined) return ansiEscapes[byte];
    const isPlain = byte >= 0x20 && byte < 0x7f;
    return isPlain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`;
  }).join('');
}

function jsonForm(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function goJson(text: string): string {
  return jsonForm(text).replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
}

/**
 * Base64 goes by groups of three bytes, so a text has three forms, by where it begins; the characters at both ends
 * depend on its neighbours and are left out.
 */
function insideBase64(text: string): string[] {
  const bytes = Buffer.from(text);
  return [0, 1, 2].flatMap((skipped) => {
    const whole = Math.floor((bytes.length - skipped) / 3) * 3;
    const inner = bytes.subarray(skipped, skipped + whole);
    const forms = [inner.toString('base64'), inner.toString('base64url')];
    return forms.filter((form) => form.length >= shortestBase64);
  });
}
