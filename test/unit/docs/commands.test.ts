// Each command that a document shows exists, with its options; also what is not run.
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { wrongCommands } from '../../support/documents/command-line.ts';
import { type Document, documentPaths, readDocument } from '../../support/documents/document.ts';
import { commandsOf, isShell, markOf } from '../../support/documents/mark.ts';

/** A word in pointed brackets is for the reader to fill in. */
const placeholder = /<[a-z][\w -]*>(\.\.\.)?/g;

describe.each(documentPaths)('%s', (path) => {
  const document = readDocument(path);

  it('shows commands that there are', () => {
    expect([...inBlocks(document), ...inText(document)]).toEqual([]);
  });

  it('shows shell that bash can read', () => {
    for (const block of document.blocks.filter(isShell)) {
      const input = commandsOf(block).replaceAll(placeholder, 'x');
      const { stderr } = spawnSync('bash', ['-n'], { input, encoding: 'utf8' });
      expect([block.line, stderr]).toEqual([block.line, '']);
    }
  });
});

function inBlocks({ path, blocks }: Document): string[] {
  const isText = (language: string) => language === 'text' || language === '';
  return blocks.flatMap((block) => {
    if (!isShell(block) && !isText(block.language)) return [];
    if (markOf(block)?.kind === 'file') return [];
    // A block of text may be a list of commands, each with what it does behind two spaces.
    const text = isShell(block) ? commandsOf(block) : block.text.replaceAll(/ {2,}.*$/gm, '');
    const lines = isShell(block) ? text : text.replaceAll(/^(?!launch |scripts\/).*$/gm, '');
    return wrongCommands(lines.replaceAll(/[[\]]/g, ' ').replaceAll(placeholder, '…')).map(
      (why) => `${path}:${block.line}: ${why}`,
    );
  });
}

function inText({ path, code }: Document): string[] {
  return code
    .filter(({ text }) => /^(launch|gh|npm run|(bash )?scripts\/\S+\.sh) \S/.test(text.replaceAll('\n', ' ')))
    .flatMap(({ line, text }) =>
      wrongCommands(text.replaceAll(placeholder, '…').replaceAll(/[[\]]/g, ' ')).map(
        (why) => `${path}:${line}: ${why}`,
      ),
    );
}
