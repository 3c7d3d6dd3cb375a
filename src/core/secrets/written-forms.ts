/** Shorter base64 is a word like any other. */
const shortestBase64 = 8;

/**
 * How other programs write a text, beside itself: quoted for a shell, for XML and HTML, in JSON as Go writes it,
 * with doubled backslashes, and in the middle of something longer that was turned into base64. Only those that
 * differ from it.
 */
export function writtenForms(text: string): string[] {
  const forms = [
    xmlForm(text),
    xmlForm(text).replaceAll('&#39;', '&apos;'),
    text.replaceAll("'", `'\\''`),
    text.replaceAll("'", `'"'"'`),
    text.replaceAll('\\', '\\\\'),
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

function goJson(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
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
