// What stands before a block of shell commands says what becomes of it:
//
//   <!-- doc-test: NAME -->               it is run, in the sandbox of test/docs/scenarios/NAME.ts
//   <!-- doc-test: same as PATH -->       that test runs these commands, or another document has them, marked there
//   <!-- file: PATH -->                   no commands, but a script that the reader writes to that path
//   <!-- needs: an account at GitHub -->  it is not run; the text says what it takes
import type { Block } from './document.ts';

export type Mark =
  | { readonly kind: 'scenario'; readonly name: string }
  | { readonly kind: 'same'; readonly as: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'needs'; readonly what: string };

/** What can't be had where tests run. */
export const needs: readonly string[] = [
  'an account at GitHub',
  'an account at Cloudflare',
  'an account at Linode',
  'an account at AWS',
  'a machine of its own',
  'a GPU',
];

export function isShell({ language }: Block): boolean {
  return ['sh', 'bash', 'shell', 'console'].includes(language);
}

/** Undefined when there is no mark, or none of these. */
export function markOf(block: Block): Mark | undefined {
  const [, kind, said = ''] = /^(doc-test|needs|file): (.+)$/.exec(block.mark ?? '') ?? [];
  if (kind === 'file') return { kind: 'file', path: said };
  if (kind === 'needs') return needs.includes(said) ? { kind: 'needs', what: said } : undefined;
  if (kind !== 'doc-test') return undefined;
  const [, as] = /^same as (\S+)$/.exec(said) ?? [];
  if (as !== undefined) return { kind: 'same', as };
  return /^[a-z][a-z0-9-]*$/.test(said) ? { kind: 'scenario', name: said } : undefined;
}

/**
 * The commands of a block. Those of a `console` block stand behind `$ `, and `> ` where one goes on; the other lines are
 * what they print.
 */
export function commandsOf({ language, text }: Block): string {
  if (language !== 'console') return text;
  const lines = text.split('\n').filter((line) => /^[$>] /.test(line));
  return `${lines.map((line) => line.slice(2)).join('\n')}\n`;
}

/** What a `console` block says that its commands print. */
export function outputShownIn({ language, text }: Block): readonly string[] {
  if (language !== 'console') return [];
  return text.split('\n').filter((line) => line.trim() !== '' && !/^[$>] /.test(line));
}

/**
 * Those lines of `shown` that do not come in `printed`, in this order. White space, numbers and the ids of commits may
 * be others, and `…` is anything.
 */
export function notPrinted(shown: readonly string[], printed: string): readonly string[] {
  const lines = printed.split('\n');
  let from = 0;
  return shown.filter((line) => {
    const pattern = looseLine(line);
    const at = lines.findIndex((it, index) => index >= from && pattern.test(it));
    if (at < 0) return true;
    from = at + 1;
    return false;
  });
}

function looseLine(line: string): RegExp {
  const pieces = line.trim().split(/(…|\s+|\b[0-9a-f]*\d[0-9a-f]*\b|\d+)/);
  const pattern = pieces.map((piece) => {
    if (piece === '…') return '.*';
    if (/^\s+$/.test(piece)) return '\\s+';
    if (/^[0-9a-f]*\d[0-9a-f]*$/.test(piece)) return '[0-9a-f]+';
    return piece.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  });
  return new RegExp(`^\\s*${pattern.join('')}\\s*$`);
}
