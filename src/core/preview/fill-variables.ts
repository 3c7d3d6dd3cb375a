import { type VariableUse, variableUses } from '../compose/variables.ts';
import { isCredentialName } from './credential-name.ts';
import { hide, unmarked } from './hidden-text.ts';

export interface KnownVariables {
  /** What the repository says they are: `.env`, and over it `env` of service.yml. */
  readonly values: Readonly<Record<string, string>>;
  /** The names that service.yml declares as secrets: those get their values on the host only. */
  readonly secrets: ReadonlySet<string>;
}

/**
 * A text of a compose file with its variables filled in, as far as the repository tells them; any other, and every
 * secret, stands there as `${NAME}`. What comes of a variable that is called like a credential is marked as hidden.
 */
export function fillVariables(text: string, known: KnownVariables, depth = 0): string {
  const clean = unmarked(text);
  let out = '';
  let from = 0;
  for (const use of variableUses(clean)) {
    out += clean.slice(from, use.start) + valueFor(use, known, depth);
    from = use.end;
  }
  return out + clean.slice(from);
}

function valueFor(
  { name, fallback, replacement, emptyIsUnset }: VariableUse,
  known: KnownVariables,
  depth: number,
): string {
  const reference = `\${${name}}`;
  if (known.secrets.has(name) || depth > 8) return reference;
  const given = Object.hasOwn(known.values, name) ? known.values[name] : undefined;
  const value = given === '' && emptyIsUnset ? undefined : given;
  if (replacement !== undefined) {
    return value === undefined ? '' : fillVariables(replacement, known, depth + 1);
  }
  if (value === undefined && fallback === undefined) return reference;
  const filled = value === undefined ? fillVariables(fallback ?? '', known, depth + 1) : unmarked(value);
  return isCredentialName(name) ? hide(unmarked(filled)) : filled;
}
