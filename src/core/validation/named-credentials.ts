/** How a file writes its settings, which says how much of it can be taken for a credential. */
export type FileKind = 'environment' | 'configuration' | 'code';

/** `environment`: what a deployment is given, so every literal counts. `code`: only quoted literals are values. */
export function fileKind(path: string): FileKind {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  if (/(?:example|sample|template|dist)$/.test(name)) return 'code';
  if (/^(?:docker-)?compose(?:[.-][\w.-]*)?\.ya?ml$|^service\.ya?ml$|^\.env(?:\..*)?$|\.env$/.test(name)) {
    return 'environment';
  }
  return /\.(?:ya?ml|json[c5]?|toml|ini|conf|cfg|cnf|properties|sh|bash)$|^[^.]*$/.test(name)
    ? 'configuration'
    : 'code';
}

export interface NamedCredential {
  readonly column: number;
  readonly end: number;
  /** What it is called; undefined for a URL that carries its password. */
  readonly name: string | undefined;
}

const assignment =
  /(?<![\w$.])(?<!\w-|\$\{)(?<name>[A-Za-z_][\w.-]{0,80})["']?[ \t]{0,8}(?:=>|:=|[:=])[ \t]{0,8}(?:"(?<double>[^"]{3,500})"|'(?<single>[^']{3,500})'|`(?<back>[^`]{3,500})`|(?<bare>[^\s"'`,;{}[\]()<>]{3,500})(?<call>\()?)/g;

/** What a name must end in; `max_tokens`, `token_url` and `password_file` do not. */
const passwordName = /(?:^|[_.-]|[a-z](?=P))(?:password|passwd|passphrase|pwd|pass)$/i;
const secretName =
  /(?:^|[_.-]|[a-z](?=[STAPC]))(?:secret|token|api[_-]?key|secret[_-]?key|access[_-]?key|private[_-]?key|encryption[_-]?key|signing[_-]?key|auth[_-]?key|credentials?)$/i;

const urlWithPassword = /[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@"'`]{1,100}:(?<password>[^\s/@"'`]{3,200})@/gi;

/** Literal values in a line that their names say are credentials, and URLs that carry a password. */
export function namedCredentials(line: string, kind: FileKind): NamedCredential[] {
  return [...assigned(line, kind), ...inUrls(line, kind)];
}

function assigned(line: string, kind: FileKind): NamedCredential[] {
  return [...line.matchAll(assignment)].flatMap((match) => {
    const groups = match.groups ?? {};
    const quoted = groups['double'] ?? groups['single'] ?? groups['back'];
    const value = quoted ?? groups['bare'] ?? '';
    const name = groups['name'] ?? '';
    // Without quotes, code names another variable or calls a function.
    if (quoted === undefined && (kind === 'code' || groups['call'] !== undefined)) return [];
    const isPassword = passwordName.test(name);
    if (!isPassword && !secretName.test(name)) return [];
    if (!isCredential(value, kind, isPassword)) return [];
    const column = match.index + match[0].lastIndexOf(value) + 1;
    return [{ column, end: column + value.length, name }];
  });
}

function inUrls(line: string, kind: FileKind): NamedCredential[] {
  return [...line.matchAll(urlWithPassword)].flatMap((match) => {
    const password = match.groups?.['password'] ?? '';
    if (!isCredential(password, kind, true)) return [];
    const column = match.index + 1;
    return [{ column, end: column + match[0].length, name: undefined }];
  });
}

function isCredential(value: string, kind: FileKind, isPassword: boolean): boolean {
  if (isReference(value) || isMarkedPlaceholder(value) || isPlainSetting(value)) return false;
  if (kind === 'environment') {
    if (isPassword) return !isPath(value);
    return !isPath(value) && !isWordList(value) && value.length >= 8;
  }
  if (isPath(value) || isStandIn(value)) return false;
  if (!isPassword) return value.length >= 12 && looksRandom(value);
  if (looksRandom(value)) return true;
  return !/\s/.test(value) && hasDigitOrSign(value) && value.length >= (kind === 'code' ? 8 : 6);
}

/** Something that is looked up when it is used: a variable, a command, a template, a function's result. */
function isReference(value: string): boolean {
  // As compose hands a variable on to the shell of a container.
  if (/^\$\$(?:[A-Z_][A-Z0-9_]*|\{[A-Z_][A-Z0-9_]*\})$/.test(value)) return true;
  const text = value.replaceAll('$$', '');
  return /^\$|\$[{(A-Za-z_]|\{\{|<%|^%[A-Za-z_]+%$|^(?:process\.env|os\.environ|env\.|secrets\.|vault:|op:\/\/|file:|!)/.test(
    text,
  );
}

/** What is visibly no value at all: `<password>`, `***`, `xxxx`, `...`. */
function isMarkedPlaceholder(value: string): boolean {
  return /^<.*>$|^\[.*\]$|^[*.x•_-]+$/i.test(value);
}

/** Also a range of versions, as lock files have them behind names such as `minipass`. */
function isPlainSetting(value: string): boolean {
  if (/^[~^]\d+(?:\.\d+){0,2}(?:-[\w.]+)?$/.test(value)) return true;
  return /^(?:true|false|yes|no|on|off|null|none|nil|undefined|~|\d{1,6}(?:\.\d+)?|\d+[smhd])$/i.test(value);
}

/** Words that stand in for a credential in examples and in types. */
function isStandIn(value: string): boolean {
  return (
    /^(?:string|text|str|bytes|required|optional|any|object|password|passwd|secret|token|key|value)$/i.test(
      value,
    ) ||
    /change[_-]?me|example|placeholder|dummy|redacted|your[_-]|^my[_-]|insert|replace|todo|xxxx|sample|fake/i.test(
      value,
    )
  );
}

function isPath(value: string): boolean {
  return /^(?:\.{0,2}\/|~\/|[a-z][a-z0-9+.-]*:\/\/|[A-Za-z]:\\)/.test(value);
}

/** `my-app-secret`: the name of something, not the thing. */
function isWordList(value: string): boolean {
  return /^[a-z]+(?:[-_. ][a-z]+)+$/i.test(value) && !/[A-Z][a-z]*[A-Z]/.test(value);
}

function hasDigitOrSign(value: string): boolean {
  return /\d|[^\w\s.-]/.test(value);
}

/** Long, mixed and without much repetition, as generated values are. */
function looksRandom(value: string): boolean {
  if (value.length < 10 || /\s/.test(value)) return false;
  const mixed = /\d/.test(value) && /[A-Za-z]/.test(value);
  return mixed && entropy(value) >= 3 && !/^[a-z]+(?:[-_.][a-z]+)*[-_.]?v?\d{0,4}$/i.test(value);
}

/** Shannon's, in bits per character. */
function entropy(value: string): number {
  const counts = new Map<string, number>();
  for (const char of value) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) {
    const share = count / value.length;
    bits -= share * Math.log2(share);
  }
  return bits;
}
