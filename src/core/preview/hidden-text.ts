import { credentialShapes, worthALook } from '../validation/credential-shapes.ts';
import { isCredentialName } from './credential-name.ts';

// While a document is looked through, what is to be hidden stands between two characters that no document has.
const [open, close] = ['\ue000', '\ue001'];
const hiddenPart = /\ue000([^\ue000\ue001]*)\ue001/g;

/** A document's own text, in which nothing passes for a mark of ours. */
export function unmarked(text: string): string {
  return text.replace(/[\ue000\ue001]/g, '\ufffd');
}

export function hide(text: string): string {
  return text === '' ? text : `${open}${text}${close}`;
}

/** What is hidden in a text. */
export function hiddenIn(text: string): string[] {
  return Array.from(text.matchAll(hiddenPart), ([, hidden = '']) => hidden);
}

/** The text with something else in the place of what is hidden. */
export function replaceHidden(text: string, stand: (hidden: string) => string): string {
  return text.replace(hiddenPart, (_part, hidden: string) => stand(hidden)).replace(/[\ue000\ue001]/g, '');
}

/** What stands for values that are not there: no literal value is in it. */
export function isReference(text: string): boolean {
  return /^(?:\$\{[A-Za-z_]\w*\}|\$[A-Za-z_]\w*)+$/.test(text.trim());
}

/** Hides a whole value, unless it only refers to others or says nothing. */
export function hideValue(text: string): string {
  const bare = replaceHidden(text, (hidden) => hidden);
  return bare.trim() === '' || isReference(bare) || /^(?:true|false)$/i.test(bare) ? text : hide(bare);
}

/** A rule finds, in a text without marks, the credentials by offsets. */
type Rule = (text: string) => readonly (readonly [start: number, end: number])[];

/**
 * Hides what looks like a credential in any text: by its looks, or, unless the text is but an address of something,
 * by the name it is given there.
 */
export function hideCredentials(text: string, isAddress = false): string {
  // Bounded, as every pattern here; what is longer is no line that a person wrote.
  if (text.length > 50_000) return hide(text);
  // Most texts of a compose file are a word or two.
  if (!/[:=@$\s]|[\w+/]{20}/.test(text)) return text;
  const shaped = worthALook.test(text) ? shapes.reduce(apply, text) : text;
  const looked = byLooks.reduce(apply, shaped);
  return isAddress ? looked : byName.reduce(apply, looked);
}

function apply(text: string, rule: Rule): string {
  return eachVisible(text, (part) => hidden(part, rule(part)));
}

/** Hides every further occurrence of a literal. */
export function hideEach(text: string, literal: string): string {
  return eachVisible(text, (part) => part.replaceAll(literal, () => hide(literal)));
}

function eachVisible(text: string, change: (part: string) => string): string {
  return text
    .split(/(\ue000[^\ue001]*\ue001)/)
    .map((part) => (part.startsWith(open) ? part : change(part)))
    .join('');
}

function hidden(text: string, found: ReturnType<Rule>): string {
  let out = '';
  let at = 0;
  for (const [start, end] of [...found].sort(([a], [b]) => a - b)) {
    if (start < at || end <= start) continue;
    out += text.slice(at, start) + hideValue(text.slice(start, end));
    at = end;
  }
  return out + text.slice(at);
}

type Groups = Readonly<Record<string, string | undefined>>;

/** What a pattern matches, or only the group that says which part of it is the credential. */
function byPattern(pattern: RegExp, counts: (groups: Groups) => boolean = () => true): Rule {
  return (text) =>
    [...text.matchAll(pattern)].flatMap((match) => {
      const groups: Groups = match.groups ?? {};
      if (!counts(groups)) return [];
      const value = groups['value'] ?? groups['double'] ?? groups['single'] ?? groups['key'] ?? match[0];
      const start = match.index + match[0].lastIndexOf(value);
      return [[start, start + value.length] as const];
    });
}

/** Of a header the kind is no secret, only what follows it. */
const named = ({ name = '', value = '' }: Groups) =>
  isCredentialName(name) && !/^(?:bearer|basic|token)$/i.test(value);

/** Lower and upper case and digits, or nothing but digits and letters of one case: no path, and no sentence. */
function isMixed({ value = '' }: Groups): boolean {
  if (value.startsWith('/')) return false;
  return (/[A-Z]/.test(value) && /[a-z]/.test(value)) || !/[/_]/.test(value);
}

/** A value: quoted, or up to where it must end. */
const value =
  '(?:"(?<double>[^"]{1,500})"|\'(?<single>[^\']{1,500})\'|(?<value>(?:\\$\\{[^}]{0,200}\\}|[^\\s"\'`,;&|<>()[\\]{}]){1,500}))';

const shapes: readonly Rule[] = [
  byPattern(
    /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,60}-----|$)/g,
  ),
  ...credentialShapes.map(({ pattern }) => byPattern(pattern)),
];

const byLooks: readonly Rule[] = [
  // Hashes of passwords, as htpasswd writes them; a compose file doubles the dollar sign.
  byPattern(/\${1,2}(?:apr1|2[aby]|[1567]|argon2\w{1,3}|y)\${1,2}[^\s,:"']{8,200}/g),
  // The password of a URL, or its user where that is all it has.
  byPattern(/[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@"'`]{0,200}:(?<value>[^\s/@"'`]{1,500})@/gi),
  byPattern(/\bhttps?:\/\/(?<value>[^\s:/@"'`]{4,500})@/gi),
  byPattern(/\b(?:bearer|basic)\s{1,4}(?<value>(?=[A-Za-z._~+/=-]{0,200}\d)[A-Za-z0-9._~+/=-]{8,500})/gi),
  // Nothing that a person chose is so long and so mixed. Digests of images are to be seen.
  byPattern(
    /(?<![\w@/+.-]|sha\d{3}:)(?=[A-Za-z+/_=]{0,60}\d)(?=[\d+/_=]{0,60}[A-Za-z])(?<value>[A-Za-z0-9+/_=]{32,500})(?![\w/.-])/g,
    isMixed,
  ),
];

const byName: readonly Rule[] = [
  byPattern(
    new RegExp(`(?<name>[A-Za-z_][\\w.-]{0,80})["']?\\s{0,4}(?:=>|:=|=|:(?!//))\\s{0,4}${value}`, 'g'),
    named,
  ),
  byPattern(new RegExp(`(?<![\\w-])--?(?<name>[A-Za-z][\\w-]{1,80})\\s{1,4}(?!-)${value}`, 'g'), named),
  byPattern(/(?<![\w-])(?:-u|--user)[ =]["']?[^\s:"']{1,100}:(?!\d+\b)(?<value>[^\s"']{1,200})/g),
  // `-p` and the password without a space between, as these clients take it.
  byPattern(
    /\b(?:mysql|mysqladmin|mysqldump|mariadb|mariadb-admin|mariadb-dump)\b[^\n|;&]{0,200}?\s-p(?<value>[^\s"']{1,200})/g,
  ),
];
