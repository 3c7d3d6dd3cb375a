/** A user-defined field that a StackScript declares in a comment: `# <UDF name="…" label="…" default="…" />`. */
export interface StackScriptField {
  readonly name: string;
  readonly label: string;
  /** Without one a value is required. */
  readonly default?: string;
  readonly example?: string;
  /** The values that it may have, as one text with commas. */
  readonly oneOf?: string;
}

const declaration = /^#\s*<udf\s+(.*?)\s*\/?>\s*$/gim;
const attribute = /([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** The fields of a script, in its order; fields that only head a section of the form are none. */
export function stackScriptFields(script: string): readonly StackScriptField[] {
  return Array.from(script.matchAll(declaration), ([, text = '']) => {
    const attributes = new Map(
      Array.from(text.matchAll(attribute), ([, name = '', double, single]) => [
        name.toLowerCase(),
        double ?? single ?? '',
      ]),
    );
    const optional = (name: string, key: 'default' | 'example' | 'oneOf') => {
      const value = attributes.get(name);
      return value === undefined ? {} : { [key]: value };
    };
    return {
      header: attributes.has('header'),
      field: {
        name: attributes.get('name') ?? '',
        label: attributes.get('label') ?? '',
        ...optional('default', 'default'),
        ...optional('example', 'example'),
        ...optional('oneof', 'oneOf'),
      },
    };
  })
    .filter(({ header }) => !header)
    .map(({ field }) => field);
}

/** The comment that declares a field. Throws where an attribute could not be read back. */
export function fieldDeclaration(field: StackScriptField): string {
  const attributes = (['name', 'label', 'oneOf', 'default', 'example'] as const).flatMap((name) => {
    const value = field[name];
    if (value === undefined) return [];
    if (/["<>\r\n]/.test(value)) throw new Error(`${field.name}: ${name} holds a character that a UDF can't`);
    return [`${name}="${value}"`];
  });
  return `# <UDF ${attributes.join(' ')} />`;
}
