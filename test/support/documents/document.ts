// This repository's Markdown as a reader and GitHub see it: code blocks, links, headings, code in the text.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import GithubSlugger from 'github-slugger';
import MarkdownIt, { type Token } from 'markdown-it';
import { ROOT } from '../source-tree.ts';

export interface Block {
  readonly document: string;
  /** Of the opening fence, from 1. */
  readonly line: number;
  /** The first word behind the fence; empty when there is none. */
  readonly language: string;
  readonly text: string;
  /** The HTML comment on the line directly before the fence, without its arrows. */
  readonly mark: string | undefined;
}

export interface Mention {
  readonly line: number;
  readonly text: string;
}

export interface Document {
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  /** Where links and images lead, as written. */
  readonly links: readonly Mention[];
  /** Code between backticks, in the running text. */
  readonly code: readonly Mention[];
  /** What a `#fragment` may name, as GitHub makes them of headings and of `id`s. */
  readonly anchors: ReadonlySet<string>;
}

/** Whose shell blocks are run, or marked as not to be run. */
const readersOf = [
  'README.md',
  'docs/**/*.md',
  'services/*/README.md',
  'services/templates/**/README.md',
  'actions/*/README.md',
];

/** Whose links, too, must lead somewhere. */
const alsoLinked = ['CHANGELOG.md', 'stackscripts/**/*.md', 'schemas/**/*.md'];

const markdown = new MarkdownIt({ html: true });
const read = new Map<string, Document>();

export const documentPaths: readonly string[] = find(readersOf);
export const allMarkdownPaths: readonly string[] = find([...readersOf, ...alsoLinked]);

export function documents(): readonly Document[] {
  return documentPaths.map(readDocument);
}

export function readDocument(path: string): Document {
  const known = read.get(path);
  if (known !== undefined) return known;
  const document = parseDocument(path, readFileSync(join(ROOT, path), 'utf8'));
  read.set(path, document);
  return document;
}

export function parseDocument(path: string, text: string): Document {
  const tokens = markdown.parse(text, {});
  const lines = text.split('\n');
  const blocks = tokens
    .filter(({ type }) => type === 'fence')
    .map((token) => ({
      document: path,
      line: lineOf(token),
      language: token.info.trim().split(/\s+/)[0] ?? '',
      text: token.content,
      mark: /^\s*<!-- (.*) -->\s*$/.exec(lines[lineOf(token) - 2] ?? '')?.[1]?.trim(),
    }));
  const inline = tokens.flatMap((token) =>
    (token.children ?? []).map((child) => ({ child, line: lineOf(token) })),
  );
  return {
    path,
    text,
    blocks,
    links: inline.flatMap(({ child, line }) => {
      const to = child.type === 'link_open' ? child.attrGet('href') : child.attrGet('src');
      return to === null ? [] : [{ line, text: String(to) }];
    }),
    code: inline
      .filter(({ child }) => child.type === 'code_inline')
      .map(({ child, line }) => ({ line, text: child.content })),
    anchors: anchorsOf(tokens),
  };
}

function anchorsOf(tokens: readonly Token[]): Set<string> {
  const slugger = new GithubSlugger();
  const headings = tokens.flatMap((token, index) => {
    if (tokens[index - 1]?.type !== 'heading_open') return [];
    const text = (token.children ?? []).map(({ type, content }) => (type === 'image' ? '' : content));
    return [slugger.slug(text.join(''))];
  });
  const html = tokens
    .flatMap((token) => [token, ...(token.children ?? [])])
    .filter(({ type }) => type.startsWith('html_'));
  const ids = html.flatMap(({ content }) =>
    Array.from(content.matchAll(/\b(?:id|name)="([^"]+)"/g), ([, id = '']) => id),
  );
  return new Set([...headings, ...ids]);
}

function lineOf({ map }: Token): number {
  return (map?.[0] ?? 0) + 1;
}

/**
 * The files that a document shows, by the path that their first comment names (`# services/web/service.yml`), or a mark
 * `<!-- file: services/web/deploy.sh -->`: so that what a reader copies is what a test deploys.
 */
export function filesShownIn(path: string): Record<string, string> {
  const named = readDocument(path).blocks.flatMap((block) => {
    const name = shownFile(block);
    return name === undefined ? [] : [[name, block.text] as const];
  });
  return Object.fromEntries(named);
}

export function shownFile({ text, mark }: Block): string | undefined {
  const marked = /^file: (\S+)$/.exec(mark ?? '')?.[1];
  return marked ?? /^(?:#|\/\/) ([\w./-]+\.[a-z]+)(?:[ ,:].*)?\n/.exec(text)?.[1];
}

function find(globs: readonly string[]): string[] {
  const found = globs.flatMap((glob) =>
    globSync(glob, { cwd: ROOT, exclude: (path) => path.split('/').includes('node_modules') }),
  );
  return [...new Set(found)].sort();
}
