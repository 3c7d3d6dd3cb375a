// Lints every workflow and action file: GitHub's own language service, actionlint, zizmor, and whether each
// caller grants what it calls needs.
//
// Usage: node scripts/check-workflows/main.ts [--root FOLDER]
//
// Exit 1 for any finding, and, with CI=true, when a linter can't run.
import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { actionlint } from './actionlint.ts';
import type { Linter } from './finding.ts';
import { grants } from './grants.ts';
import { languageService } from './language-service.ts';
import { zizmor } from './zizmor.ts';

const linters: readonly Linter[] = [languageService, actionlint, zizmor, grants];

const here = resolve(import.meta.dirname, '../..');
const { values } = parseArgs({ options: { root: { type: 'string', default: here } } });
const root = resolve(values.root);
const files = globSync(
  ['.github/workflows/*.{yml,yaml}', 'workflows/*.{yml,yaml}', 'actions/*/action.{yml,yaml}'],
  { cwd: root },
).sort();

if (files.length === 0) {
  console.error(`There are no workflows under ${root}.`);
  process.exitCode = 1;
}
for (const linter of linters) {
  const result = await linter.run(root, files);
  if (result.outcome === 'could-not-run') {
    const verdict = process.env['CI'] === 'true' ? 'FAILED' : 'WARNING: NOT CHECKED';
    console.error(`${verdict}: ${linter.name} can't run: ${result.reason}`);
    console.error(
      'Run scripts/setup-dev.sh --only npm,linters, it installs the linters or says why it can not.',
    );
    if (process.env['CI'] === 'true') process.exitCode = 1;
    continue;
  }
  for (const { file, line, message } of result.findings) {
    console.error(`${file}:${line}: ${linter.name}: ${message}`);
    process.exitCode = 1;
  }
  const excepted = result.excepted === 0 ? '' : `, ${result.excepted} known false ones excepted`;
  console.error(`${linter.name}: ${files.length} files, ${result.findings.length} findings${excepted}`);
}
