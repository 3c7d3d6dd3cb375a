// Each block of shell commands is run by a test, or says what it would take.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type Block, documentPaths, documents, readDocument } from '../../support/documents/document.ts';
import { commandsOf, isShell, markOf } from '../../support/documents/mark.ts';
import { ROOT } from '../../support/source-tree.ts';

const shellBlocks = documents().flatMap(({ blocks }) => blocks.filter(isShell));

it('there are documents, and commands in them', () => {
  expect(documentPaths.length).toBeGreaterThan(40);
  expect(shellBlocks.length).toBeGreaterThan(30);
});

describe.each(documentPaths)('%s', (path) => {
  it('says of each block of commands what becomes of it', () => {
    expect(readDocument(path).blocks.filter(isShell).flatMap(offence)).toEqual([]);
  });
});

function offence(block: Block): string[] {
  const mark = markOf(block);
  const at = `${block.document}:${block.line}:`;
  if (mark === undefined) {
    return [`${at} no mark on the line before, or not one of test/support/documents/mark.ts: ${block.mark}`];
  }
  if (mark.kind === 'scenario') {
    const files = [`test/docs/scenarios/${mark.name}.ts`, `test/e2e/docs/${mark.name}.test.ts`];
    return files.filter((file) => !existsSync(join(ROOT, file))).map((file) => `${at} there is no ${file}`);
  }
  if (mark.kind !== 'same') return [];
  if (mark.as.endsWith('.md')) return sameInDocument(block, mark.as).map((it) => `${at} ${it}`);
  const isFile = existsSync(join(ROOT, mark.as)) && statSync(join(ROOT, mark.as)).isFile();
  if (!isFile) return [`${at} there is no ${mark.as}`];
  const text = readFileSync(join(ROOT, mark.as), 'utf8');
  if (reads(text, block.document)) return [];
  const lines = linesOf(block).filter((line) => !inOneLine(text).includes(line));
  return lines.map((line) => `${at} ${mark.as} neither reads this document nor has \`${line}\``);
}

/** By its path, or as the README of its folder. */
function reads(test: string, document: string): boolean {
  if (test.includes(document)) return true;
  return /readme/i.test(test) && document.endsWith('README.md') && test.includes(basename(dirname(document)));
}

function sameInDocument(block: Block, path: string): string[] {
  if (!documentPaths.includes(path)) return [`there is no ${path}`];
  const others = readDocument(path).blocks.filter(isShell);
  const same = others.find((it) => linesOf(block).every((line) => linesOf(it).includes(line)));
  if (same === undefined) return [`${path} has no block with these commands`];
  const mark = markOf(same);
  const isRun = mark?.kind === 'scenario' || (mark?.kind === 'same' && !mark.as.endsWith('.md'));
  return isRun ? [] : [`the block of ${path} is not run itself`];
}

/** Without comments, and white space as one space. */
function linesOf(block: Block): string[] {
  return commandsOf(block)
    .split('\n')
    .map((line) => inOneLine(line.replace(/(^|\s)#.*$/, '')).trim())
    .filter((line) => line !== '');
}

function inOneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
