/** A shorter text stands for too many things: hiding it would only make a log unreadable. */
const shortestLine = 4;

/**
 * Every form in which a secret may turn up in a log: itself, each of its lines, and their base64, URL and JSON
 * forms. Longest first, so that a form never leaves the rest of a longer one behind.
 */
export function secretForms(values: Iterable<string>): string[] {
  const forms = new Set<string>();
  for (const value of values) {
    if (value.trim() === '') continue;
    forms.add(value);
    const lines = value.split(/\r\n|\n|\r/).flatMap((line) => [line, line.trim()]);
    for (const text of [value, ...lines.filter((line) => line.length >= shortestLine)]) {
      forms.add(text);
      if (text.length < shortestLine) continue;
      const base64 = Buffer.from(text).toString('base64');
      for (const form of [
        base64,
        base64.replace(/=+$/, ''),
        Buffer.from(text).toString('base64url'),
        urlForm(text),
        urlForm(text).replaceAll('%20', '+'),
        JSON.stringify(text).slice(1, -1),
      ]) {
        forms.add(form);
      }
    }
  }
  return [...forms].sort((a, b) => b.length - a.length);
}

/** A lone surrogate has no URL form. */
function urlForm(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** A function that replaces every form of the values in a text by `***`. */
export function redactor(values: Iterable<string>): (text: string) => string {
  const forms = secretForms(values).filter((form) => form.length >= shortestLine);
  if (forms.length === 0) return (text) => text;
  return (text) => {
    let clean = text;
    for (const form of forms) {
      if (clean.includes(form)) clean = clean.replaceAll(form, () => '***');
    }
    return clean;
  };
}
