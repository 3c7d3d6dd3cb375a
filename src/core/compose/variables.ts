/** A variable that a text of a compose file refers to. */
export interface VariableUse {
  readonly name: string;
  /** Where its name begins in the text. */
  readonly offset: number;
  /** What stands in for it when it has no value; undefined when nothing does. */
  readonly fallback: string | undefined;
  /** `:-` and `:+`: an empty value counts as none. */
  readonly emptyIsUnset: boolean;
  /** `+`: the text that replaces a value. */
  readonly replacement: string | undefined;
  /** The whole reference, from `$` to its end. */
  readonly start: number;
  readonly end: number;
}

const namePattern = /[A-Za-z_][A-Za-z0-9_]*/y;

/**
 * The references of a text by compose's rules: `$NAME`, `${NAME}`, with `-` or `:-` a default, `?` a complaint,
 * `+` a replacement, which may hold references themselves; `$$` is a dollar sign. What is none of these is left out.
 */
export function variableUses(text: string): VariableUse[] {
  const uses: VariableUse[] = [];
  for (let at = text.indexOf('$'); at >= 0; at = text.indexOf('$', at)) {
    const use = useAt(text, at);
    if (use !== undefined) uses.push(use);
    at = use?.end ?? at + (text[at + 1] === '$' ? 2 : 1);
  }
  return uses;
}

function useAt(text: string, start: number): VariableUse | undefined {
  const braced = text[start + 1] === '{';
  const offset = start + (braced ? 2 : 1);
  namePattern.lastIndex = offset;
  const name = namePattern.exec(text)?.[0];
  if (name === undefined) return undefined;
  const afterName = offset + name.length;
  const common = { name, offset, start };
  if (!braced)
    return { ...common, end: afterName, fallback: undefined, emptyIsUnset: false, replacement: undefined };
  const close = closingBrace(text, afterName);
  if (close === undefined) return undefined;
  const [, operator = '', rest = ''] = /^(:?[-?+])?(.*)$/s.exec(text.slice(afterName, close)) ?? [];
  if (operator === '' && rest !== '') return undefined;
  return {
    ...common,
    end: close + 1,
    fallback: operator.endsWith('-') ? rest : undefined,
    emptyIsUnset: operator.startsWith(':'),
    replacement: operator.endsWith('+') ? rest : undefined,
  };
}

function closingBrace(text: string, from: number): number | undefined {
  let depth = 1;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '$' && text[at + 1] === '{') depth += 1;
    if (text[at] === '}') depth -= 1;
    if (depth === 0) return at;
  }
  return undefined;
}

/** The names that must have a value for the text to make sense; a default's own references count when it is used. */
export function neededVariables(text: string, has: (name: string) => boolean, depth = 0): VariableUse[] {
  if (depth > 8) return [];
  return variableUses(text).flatMap((use) => {
    const inner = use.fallback ?? use.replacement;
    if (inner === undefined) return has(use.name) ? [] : [use];
    const taken = use.replacement === undefined ? !has(use.name) : has(use.name);
    return taken ? neededVariables(inner, has, depth + 1).map((it) => ({ ...it, offset: use.offset })) : [];
  });
}

/** The text with its references replaced; undefined when one of them has no value. */
export function interpolate(
  text: string,
  env: Readonly<Record<string, string>>,
  depth = 0,
): string | undefined {
  if (depth > 8) return undefined;
  let out = '';
  let from = 0;
  for (const use of variableUses(text)) {
    const value = valueFor(use, env, depth);
    if (value === undefined) return undefined;
    out += text.slice(from, use.start).replaceAll('$$', '$') + value;
    from = use.end;
  }
  return out + text.slice(from).replaceAll('$$', '$');
}

function valueFor(
  use: VariableUse,
  env: Readonly<Record<string, string>>,
  depth: number,
): string | undefined {
  const given = Object.hasOwn(env, use.name) ? env[use.name] : undefined;
  const value = given === '' && use.emptyIsUnset ? undefined : given;
  if (use.replacement !== undefined) {
    return value === undefined ? '' : interpolate(use.replacement, env, depth + 1);
  }
  if (value !== undefined) return value;
  return use.fallback === undefined ? undefined : interpolate(use.fallback, env, depth + 1);
}
