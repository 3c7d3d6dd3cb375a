import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';

const manifest = z.object({
  name: z.string(),
  version: z.optional(z.string()),
  license: z.optional(z.string()),
});

interface Notice {
  /** `execa 10.2.1 (MIT)` */
  readonly title: string;
  /** Whose it is, as the licence wants it to be said. */
  readonly copyright: readonly string[];
  readonly text: string;
}

/**
 * The notices of every package whose code is in the bundle, as their licences ask for. A licence that many have is
 * there once, below all of its packages and their copyright lines.
 */
export function licenseNotices(packageFolders: readonly string[]): string {
  const notices = packageFolders.flatMap(readNotice).sort((a, b) => (a.title < b.title ? -1 : 1));
  // A package may lie in more than one place.
  const once = [...new Map(notices.map((notice) => [notice.title, notice])).values()];
  const sections = [...Map.groupBy(once, ({ text }) => wordsOf(text)).values()].map(sectionOf);
  return `${sections.join(`\n\n${'-'.repeat(78)}\n\n`)}\n`;
}

function readNotice(folder: string): Notice[] {
  const { name, version, license } = z.parse(
    manifest,
    JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')),
  );
  // The stand-ins are this repository's own.
  if (version === undefined) return [];
  const text = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim())
    .join('\n\n');
  const lines = text.split('\n');
  return [
    {
      title: `${name} ${version} (${license ?? 'see below'})`,
      copyright: lines.filter(isCopyright).map((line) => line.trim()),
      text: lines
        .filter((line) => !isCopyright(line))
        .join('\n')
        .replaceAll(/\n{3,}/g, '\n\n')
        .trim(),
    },
  ];
}

/** A line that names an owner; what a licence says of copyright in its sentences is none. */
function isCopyright(line: string): boolean {
  return /^\s*(?:copyright\s+(?:\(c\)|©|\d{4})|\(c\)\s|©\s)/i.test(line);
}

/** What makes two texts the same licence: its words, without its title and however its lines are broken. */
function wordsOf(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replace(/^[#=\s]*(?:the )?(?:mit|isc) license(?: \(mit\))?[\s=:.]*/i, '')
    .toLowerCase()
    .trim();
}

function sectionOf(notices: readonly Notice[]): string {
  const owners = notices.map(({ title, copyright }) =>
    [title, ...copyright.map((line) => `  ${line}`)].join('\n'),
  );
  return [...owners, notices[0]?.text ?? ''].filter((part) => part !== '').join('\n\n');
}
