/** A field that a StackScript asks for, from its `# <UDF …>` lines. */
export interface UserDefinedField {
  readonly name: string;
  readonly label: string;
  /** A field without a default has to be given. */
  readonly fallback: string | undefined;
  readonly oneOf: readonly string[] | undefined;
  readonly example: string | undefined;
}

export function userDefinedFields(script: string): readonly UserDefinedField[] {
  return Array.from(script.matchAll(/^\s*#\s*<UDF\s+(.*)>\s*$/gim), ([, attributes = '']) => {
    const given = new Map(
      Array.from(attributes.matchAll(/([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g), ([, name = '', a, b]) => [
        name.toLowerCase(),
        a ?? b ?? '',
      ]),
    );
    return {
      name: given.get('name') ?? '',
      label: given.get('label') ?? '',
      fallback: given.get('default'),
      oneOf: given
        .get('oneof')
        ?.split(',')
        .map((it) => it.trim()),
      example: given.get('example'),
    };
  }).filter(({ name }) => name !== '');
}

/** The line that declares a field. Throws where an attribute could not be read back. */
export function fieldDeclaration({ name, label, fallback, oneOf, example }: UserDefinedField): string {
  const attributes = Object.entries({ name, label, oneOf: oneOf?.join(','), default: fallback, example });
  const written = attributes.flatMap(([key, value]) => {
    if (value === undefined) return [];
    if (/["<>\r\n]/.test(value)) throw new Error(`${name}: its ${key} holds a character that ends it`);
    return [`${key}="${value}"`];
  });
  return `# <UDF ${written.join(' ')} />`;
}

/** Whether the value of such a field is a secret. Linode hides those whose name holds `password`; here rather
 * one too many, such as a public key. */
export function isSecretField(name: string): boolean {
  return /passw|passphrase|secret|token|credential|pwd|key/i.test(name);
}
