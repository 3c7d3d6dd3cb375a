// Writes the files that are made from others: tables in READMEs, references, JSON Schemas.
//
// Usage: node scripts/generate/main.ts [--check]
//
//   --check   write nothing; exit 1 when a file is not what its source makes
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { actionList, actionReadmes } from './action-readmes.ts';
import { actionReference } from './action-reference.ts';
import { aiSandbox } from './ai-sandbox.ts';
import { configSchemas } from './config-schemas.ts';
import type { Generator } from './generator.ts';
import { marketplace, modelNeeds } from './marketplace.ts';
import { outputSchemas } from './output-schemas.ts';
import { errorReference, ruleReference } from './reference.ts';
import { setupRunner } from './setup-runner.ts';
import { standaloneWorkflows } from './standalone-workflows.ts';

const generators: readonly Generator[] = [
  actionReadmes,
  actionList,
  actionReference,
  configSchemas,
  outputSchemas,
  errorReference,
  ruleReference,
  standaloneWorkflows,
  modelNeeds,
  aiSandbox,
  setupRunner,
  marketplace,
];

const root = resolve(import.meta.dirname, '../..');
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

for (const generator of generators) {
  try {
    for (const [path, content] of await generator.run(root)) bringUpToDate(generator.name, path, content);
  } catch (error) {
    console.error(`${generator.name}: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
if (values.check && process.exitCode === 1) console.error('Run `npm run generate` and commit the result.');

function bringUpToDate(source: string, path: string, content: string): void {
  const file = join(root, path);
  if (existsSync(file) && readFileSync(file, 'utf8') === content) return;
  if (values.check) {
    console.error(`${path} is stale (${source})`);
    process.exitCode = 1;
    return;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  console.error(`wrote ${path}`);
}
