/** A field that a StackScript asks for, from its `# <UDF …>` lines. */
export interface UserDefinedField {
  readonly name: string;
  /** A field without a default has to be given. */
  readonly fallback: string | undefined;
  readonly oneOf: readonly string[] | undefined;
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
      fallback: given.get('default'),
      oneOf: given
        .get('oneof')
        ?.split(',')
        .map((it) => it.trim()),
    };
  }).filter(({ name }) => name !== '');
}

/** Whether the value of such a field is a secret. Linode hides those whose name holds `password`. */
export function isSecretField(name: string): boolean {
  return /password|passwd|secret|token|api_?key/i.test(name);
}
