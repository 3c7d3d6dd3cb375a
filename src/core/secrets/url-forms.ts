/** A text as a part of a URL: by ECMAScript, by RFC 3986 to the letter, and as a form sends it. */
export function urlForms(text: string): string[] {
  // A lone surrogate has no URL form.
  const plain = encodeURIComponent(text.toWellFormed());
  const strict = plain.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  const form = new URLSearchParams({ '': text }).toString().slice(1);
  return [plain, plain.replaceAll('%20', '+'), strict, strict.replaceAll('%20', '+'), form];
}
