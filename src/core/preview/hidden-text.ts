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
  if (!/[:=@$<\s]|[\w+/]{20}/.test(text)) return text;
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
  for (const [start, end] of merged(found)) {
    out += text.slice(at, start) + hideValue(text.slice(start, end));
    at = end;
  }
  return out + text.slice(at);
}

/** In their order, and what overlaps as one. */
function merged(found: ReturnType<Rule>): ReturnType<Rule> {
  const all: [number, number][] = [];
  for (const [start, end] of [...found].sort(([a], [b]) => a - b)) {
    const last = all.at(-1);
    if (last !== undefined && start < last[1]) last[1] = Math.max(last[1], end);
    else if (end > start) all.push([start, end]);
  }
  return all;
}

type Groups = Readonly<Record<string, string | undefined>>;

/** What a pattern matches, or only the group that says which part of it is the credential. */
function byPattern(pattern: RegExp, counts: (groups: Groups) => boolean = () => true): Rule {
  const located = new RegExp(pattern, `${pattern.flags}d`);
  return (text) =>
    [...text.matchAll(located)].flatMap((match) => {
      if (!counts(match.groups ?? {})) return [];
      const places = match.indices?.groups ?? {};
      const place = valueGroups.map((name) => places[name]).find((it) => it !== undefined);
      return [place ?? ([match.index, match.index + match[0].length] as const)];
    });
}

const valueGroups = ['value', 'escaped', 'double', 'single', 'key'] as const;

/** Of a header the kind is no secret, only what follows it. */
const named = ({ name = '', value = '' }: Groups) =>
  isCredentialName(name) && !/^(?:bearer|basic|token)$/i.test(value);

/** Lower and upper case and digits, or nothing but digits and letters of one case: no path, and no sentence. */
function isMixed({ value = '' }: Groups): boolean {
  if (value.startsWith('/')) return false;
  return (/[A-Z]/.test(value) && /[a-z]/.test(value)) || !/[/_]/.test(value);
}

const quoted =
  '\\\\"(?<escaped>[^"]{1,2000})\\\\"|"(?<double>(?:[^"\\\\]|\\\\.){1,2000})"|\'(?<single>[^\']{1,2000})\'';

/** A value: quoted, or up to where an argument, a parameter or an element ends. */
const value = `(?:${quoted}|(?<value>(?:\\$\\{[^}]{0,200}\\}|[^\\s"'\`;&|<>)]){1,2000}))`;

/** What a name is followed by, also where its quote is escaped, as in JSON that a shell's argument holds. */
const given = '(?:\\\\?["\'])?\\s{0,4}(?:=>|:=|=|:(?!//))\\s{0,4}';

/** Programs whose password stands after a flag of one letter, with or without a space between. */
export const shortFlags: readonly {
  readonly program: RegExp;
  readonly flag: string;
  readonly glued?: true;
}[] = [
  // As these clients take it: of `-p word` the word is a database.
  { program: /\b(?:mysql\w*|mariadb(?:-\w+)?)\b/, flag: '-p', glued: true },
  { program: /\b(?:redis|valkey|keydb)-cli\b/, flag: '-a' },
  { program: /\b(?:sshpass|mongo\w*|docker\s+login|podman\s+login)\b/, flag: '-p' },
  { program: /\b(?:ldap\w+)\b/, flag: '-w' },
];

const shapes: readonly Rule[] = [
  byPattern(
    /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,60}-----|$)/g,
  ),
  ...credentialShapes.map(({ pattern }) => byPattern(pattern)),
];

const byLooks: readonly Rule[] = [
  // Hashes of passwords, as htpasswd writes them; a compose file doubles the dollar sign.
  byPattern(/\${1,2}(?:apr1|2[aby]|[1567]|argon2\w{1,3}|y)\${1,2}[^\s,:"']{8,200}/g),
  // The password of a URL, or its user where that is all it has. People write some that should have been encoded.
  byPattern(/[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@"'`]{0,200}:(?<value>[^\s"'`]{1,500})@/gi),
  // As Go's drivers take it, without a scheme.
  byPattern(/(?<![\w.-])[\w.-]{1,100}:(?<value>[^\s"'`]{1,500})@(?:tcp|unix)\(/g),
  byPattern(/\bhttps?:\/\/(?<value>[^\s:/@"'`]{4,500})@/gi),
  byPattern(/\b(?:bearer|basic)\s{1,4}(?<value>(?=[A-Za-z._~+/=-]{0,200}\d)[A-Za-z0-9._~+/=-]{8,500})/gi),
  // Nothing that a person chose is so long and so mixed. Digests of images are to be seen.
  byPattern(
    /(?<![\w@/+.-]|sha\d{3}:)(?=[A-Za-z+/_=]{0,60}\d)(?=[\d+/_=]{0,60}[A-Za-z])(?<value>[A-Za-z0-9+/_=]{32,500})(?![\w/.-])/g,
    isMixed,
  ),
];

const byName: readonly Rule[] = [
  // In a file of several lines a value ends where its line does, or is what is indented below it.
  byPattern(
    /^(?<indent>[ \t]{0,40})["']?(?<name>[A-Za-z_][\w.-]{0,80})["']?[ \t]{0,4}[:=][ \t]{0,4}[|>]?[-+\d]{0,2}[ \t]{0,4}\n(?<value>\k<indent>[ \t]{1,40}[^\n]{1,2000}(?:\n\k<indent>[ \t]{1,40}[^\n]{1,2000}){0,200})/gm,
    named,
  ),
  byLine,
  byPattern(
    new RegExp(
      `(?<name>[A-Za-z_][\\w.-]{0,80})${given}(?<value>\\[[^\\]]{1,2000}\\]|\\{[^}]{1,2000}\\})`,
      'g',
    ),
    named,
  ),
  // What has another name may hold one of these: `user=x,password=y`.
  byPattern(new RegExp(`(?<name>[A-Za-z_][\\w.-]{0,80})(?=${given}${value})`, 'g'), named),
  byPattern(/<(?<name>[A-Za-z_][\w.-]{0,80})>(?<value>[^<]{1,2000})<\//g, named),
  byPattern(new RegExp(`(?<![\\w-])--?(?<name>[A-Za-z][\\w-]{1,80})\\s{1,4}(?!-)${value}`, 'g'), named),
  // Languages that put nothing between the two: SQL, netrc, HCL, the files of Redis.
  byPattern(
    new RegExp(
      `\\b(?:\\w{0,40}(?:password|passwd|passphrase|requirepass|masterauth)|identified\\s{1,4}by)\\s{1,4}(?![:=])${value}`,
      'gi',
    ),
  ),
  byPattern(/(?<![\w-])(?:-u|--user)[ =]["']?[^\s:"']{1,100}:(?!\d+\b)(?<value>[^\s"']{1,200})/g),
  ...shortFlags.map(({ program, flag, glued }) =>
    byPattern(
      new RegExp(`${program.source}[^\\n|;&]{0,200}?\\s${flag}${glued ? '' : '\\s{0,4}'}(?!-)${value}`, 'g'),
    ),
  ),
];

/** `name = value` on a line of its own, of several; what only refers to a variable is left to the other rules. */
function byLine(text: string): ReturnType<Rule> {
  return text.includes('\n') ? line(text) : [];
}

const line = byPattern(
  /^[ \t]{0,40}(?:export[ \t]{1,4}|- )?["']?(?<name>[A-Za-z_][\w.-]{0,80})["']?[ \t]{0,4}(?:=>|:=|=|:(?!\/\/))[ \t]{0,4}(?!["']?\$|[|>][-+\d]{0,2}[ \t]{0,4}$)(?<value>[^\s][^\n]{0,2000}?),?[ \t]{0,20}$/gm,
  named,
);
