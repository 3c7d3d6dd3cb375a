/** What stands in a template's files between `{{` and `}}`. */
export interface TemplateValues {
  readonly name: string;
  readonly port: number | undefined;
}

/** A template's text as that of one service: `{{name}}`, `{{NAME}}` as in names of variables, `{{port}}`. */
export function fillTemplate(text: string, { name, port }: TemplateValues): string {
  const values: Readonly<Record<string, string | undefined>> = {
    name,
    NAME: variablePrefix(name),
    port: port === undefined ? undefined : String(port),
  };
  return text.replace(/\{\{(\w+)\}\}/g, (whole, key: string) => values[key] ?? whole);
}

/** A README without what tells this repository's own tests about its commands. */
export function withoutTestMarks(markdown: string): string {
  return markdown.replace(/^<!-- (?:doc-test|needs|file): .* -->\n/gm, '');
}

/** No variable starts with a digit. */
function variablePrefix(name: string): string {
  const upper = name.toUpperCase().replaceAll('-', '_');
  return /^[0-9]/.test(upper) ? `SERVICE_${upper}` : upper;
}
