// The variables that a StackScript gets, as Linode would set them: node scripts/lib/stackscript-values.ts SCRIPT [DATA...]
//
// DATA is NAME=VALUE, or @FILE with such lines or a JSON object. Prints lines for bash that set what is given, and nothing
// else: a script keeps what an earlier run of it was told. Exit 2 when something is given that the script does not declare
// (`<UDF name=…>`), or required and not given. A secret belongs into a file: arguments are everybody's to see.
//
// Imports nothing that npm would have to install: whoever has a checkout and Node can use it.
import { readFileSync } from 'node:fs';
import { LaunchError } from '../../src/core/errors.ts';
import {
  isSecretField,
  type UserDefinedField,
  userDefinedFields,
} from '../../src/core/gpu/user-defined-fields.ts';
import { parseSecrets } from '../../src/core/secrets/parse-secrets.ts';

class UsageError extends Error {}

function given(data: readonly string[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const item of data) {
    if (item.startsWith('@')) {
      const file = item.slice(1);
      for (const [name, value] of parseSecrets(read(file), file)) values.set(name, value);
      continue;
    }
    const at = item.indexOf('=');
    // Does not tell the value: it may be a secret, in the wrong place.
    if (at < 1) throw new UsageError('Data for the script is NAME=value, or @FILE.');
    const name = item.slice(0, at);
    const value = item.slice(at + 1);
    if (isSecretField(name) && value !== '') {
      throw new UsageError(
        `Arguments are everybody's to see: give ${name} in a file, --stackscript-data @FILE.`,
      );
    }
    values.set(name, value);
  }
  return values;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function assertFit(fields: readonly UserDefinedField[], values: ReadonlyMap<string, string>): void {
  const names = fields.map(({ name }) => name);
  // A name that is none would become code in the file that bash reads.
  if (!names.every((name) => /^[A-Za-z_]\w*$/.test(name))) {
    throw new UsageError('The script declares a variable whose name is none.');
  }
  for (const name of values.keys()) {
    if (!names.includes(name))
      throw new UsageError(`The script has no variable '${name}'. It has: ${names.join(', ')}`);
  }
  for (const { name, fallback, oneOf } of fields) {
    const value = values.get(name);
    if (value === undefined && fallback === undefined) {
      throw new UsageError(`The script needs ${name}: --stackscript-data ${name}=…`);
    }
    if (value !== undefined && oneOf?.includes(value) === false) {
      throw new UsageError(`${name} is one of: ${oneOf.join(', ')}`);
    }
  }
}

const [script = '', ...data] = process.argv.slice(2);
try {
  const values = given(data);
  assertFit(userDefinedFields(read(script)), values);
  for (const [name, value] of values) {
    process.stdout.write(`${name}='${value.replaceAll("'", "'\\''")}'\n`);
  }
} catch (error) {
  if (!(error instanceof UsageError || error instanceof LaunchError)) throw error;
  process.stderr.write(`error: ${error.message}\n`);
  process.exitCode = 2;
}
