// Workflows that documents show whole are ones that GitHub takes, those of other tools as well.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { actionlint } from '../../../scripts/check-workflows/actionlint.ts';
import { documents, shownFile } from '../../support/documents/document.ts';
import { removeRepositories, temporaryFolder } from '../../support/repository.ts';
import { toolPath } from '../../support/tool-path.ts';
import { requireTools } from '../../support/tools.ts';

afterAll(removeRepositories);

const shown = documents()
  .flatMap(({ blocks }) => blocks)
  .filter(({ text }) => /^on:/m.test(text) && /^jobs:/m.test(text));

requireTools('actionlint', 'shellcheck')('workflows in documents', () => {
  it('are named by their first comment', () => {
    expect(shown.length).toBeGreaterThan(3);
    const unnamed = shown.filter((block) => !/^\.github\/workflows\//.test(shownFile(block) ?? ''));
    expect(unnamed.map(({ document, line }) => `${document}:${line}`)).toEqual([]);
  });

  it('have no findings', async () => {
    // The real shellcheck before the one in npm's folder, which is a program that downloads one.
    const tools = ['actionlint', 'shellcheck'].map((tool) => dirname(toolPath(tool) ?? ''));
    process.env['PATH'] = [...tools, process.env['PATH']].join(':');
    const root = temporaryFolder();
    const files = shown.map(({ document, line, text }) => {
      const file = `.github/workflows/${document.replaceAll(/\W/g, '-')}-${line}.yml`;
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), text);
      return file;
    });
    expect(await actionlint.run(root, files)).toEqual({ outcome: 'ran', findings: [], excepted: 0 });
  });
});
