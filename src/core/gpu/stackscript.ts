import { LaunchError } from '../errors.ts';
import { printable } from '../names.ts';
import { didYouMean } from '../nearest.ts';
import { isSecretField, type UserDefinedField } from './user-defined-fields.ts';

/** What the API takes. */
const longest = 65_535;

/** @throws LaunchError CONFIG_INVALID for a text that is no StackScript; `file` names it */
export function checkScript(script: string, file: string): void {
  const wrong =
    script.length > longest
      ? `has ${script.length} characters, and Linode takes ${longest}`
      : script.startsWith('#!')
        ? undefined
        : 'does not begin with #!';
  if (wrong === undefined) return;
  throw new LaunchError('CONFIG_INVALID', `The StackScript ${printable(file)} ${wrong}.`, {
    place: { file },
    remedy: 'Nothing has been made. Give a script such as stackscripts/ai-sandbox.sh.',
  });
}

/**
 * Holds the data against the fields, because Linode would tell only once the instance is asked for, and a name that is
 * misspelt not at all. Values are not repeated: they may be secret.
 *
 * @throws LaunchError CONFIG_INVALID
 */
export function checkData(
  fields: readonly UserDefinedField[],
  data: ReadonlyMap<string, string>,
  what: string,
): void {
  const names = fields.map(({ name }) => name);
  for (const name of data.keys()) {
    if (names.includes(name)) continue;
    throw new LaunchError(
      'CONFIG_INVALID',
      `${what} names "${printable(name, 60)}", which the script does not ask for.`,
      {
        remedy: `${didYouMean(name, names)} Nothing has been made.`.trim(),
      },
    );
  }
  const missing = fields.filter(({ name, fallback }) => fallback === undefined && !data.has(name));
  if (missing.length > 0) {
    throw new LaunchError(
      'CONFIG_INVALID',
      `${what} lacks ${missing.map(({ name }) => `"${name}"`).join(', ')}, which the script has no default for.`,
      { remedy: 'Nothing has been made. Give it as NAME=value.' },
    );
  }
  for (const { name, oneOf } of fields) {
    const value = data.get(name);
    if (value === undefined || oneOf === undefined || oneOf.includes(value)) continue;
    throw new LaunchError(
      'CONFIG_INVALID',
      `${what} gives "${name}" a value that the script does not take.`,
      {
        remedy: `It takes one of: ${oneOf.map((it) => printable(it, 80)).join(', ')}. Nothing has been made.`,
      },
    );
  }
}

export function secretData(data: ReadonlyMap<string, string>): string[] {
  return [...data].filter(([name]) => isSecretField(name)).map(([, value]) => value);
}
