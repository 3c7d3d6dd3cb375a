import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { gpuMemoryNeeded, sandboxModels } from '../../src/core/gpu/models.ts';
import type { UserDefinedField } from '../../src/core/gpu/user-defined-fields.ts';
import { table } from '../../src/core/markdown.ts';
import { version } from '../../src/version.ts';
import { type MarketplaceAppFile, marketplaceAppFile } from '../marketplace/app-file.ts';
import { loaderFor, marketplaceFields } from '../marketplace/loader.ts';
import { modelFunctions } from '../marketplace/model-functions.ts';
import type { Generator } from './generator.ts';
import { cell, replaceSection } from './markdown-section.ts';

const sandboxPath = 'stackscripts/ai-sandbox.sh';
const loaderPath = 'stackscripts/marketplace/ai-sandbox-deploy.sh';
const appPath = 'stackscripts/marketplace/marketplace-app.json';
const guidePath = 'docs/marketplace-deployment.md';
const listingPath = 'stackscripts/marketplace/README.md';

/** What the models need, as a part of the script that checks it on the host. */
export const modelNeeds: Generator = {
  name: 'models of the AI sandbox',
  run: () => new Map([['stackscripts/ai-sandbox/models.sh', modelFunctions()]]),
};

/** The Marketplace package. It comes after whatever else writes into the script, whose SHA-256 it holds. */
export const marketplace: Generator = {
  name: 'Marketplace package',
  run: (root) => {
    const sandbox = read(root, sandboxPath);
    const app = readApp(root);
    const guide = [
      ['models', modelTable()],
      ['fields', fieldTable(marketplaceFields(sandbox))],
    ] as const;
    return new Map([
      [loaderPath, loaderFor(read(root, loaderPath), sandbox, version)],
      [guidePath, withSections(root, guidePath, guide)],
      [listingPath, withSections(root, listingPath, [['listing', listing(app)]])],
    ]);
  },
};

/** The record of the app, which is what its schema asks for, with files that are there. */
export function readApp(root: string): MarketplaceAppFile {
  const read = z.safeParse(marketplaceAppFile, JSON.parse(readFileSync(join(root, appPath), 'utf8')));
  if (!read.success) throw new Error(`${appPath}: ${z.prettifyError(read.error)}`);
  if (read.data.version !== version) throw new Error(`${appPath}: version is not ${version}`);
  for (const logo of [read.data.logo_url, read.data.logo_white_url]) {
    if (!existsSync(join(root, 'stackscripts/marketplace/assets', logo))) {
      throw new Error(`${appPath}: there is no assets/${logo}`);
    }
  }
  return read.data;
}

function modelTable(): string {
  return table(
    ['model', 'parameters', 'GPU memory it needs', 'licence'],
    sandboxModels.map((model) => [
      `\`${model.id}\``,
      model.parameters,
      `${gpuMemoryNeeded(model)} GB`,
      model.license,
    ]),
  );
}

function fieldTable(fields: readonly UserDefinedField[]): string {
  return table(
    ['field', 'what it asks', 'default'],
    fields.map(({ name, label, fallback = '' }) => [
      `\`${name}\``,
      // The table of models says it better.
      name === 'model_id' ? 'The model, one of the table above' : cell(label),
      fallback === '' ? 'empty' : `\`${cell(fallback)}\``,
    ]),
  );
}

function listing(app: MarketplaceAppFile): string {
  return table(
    ['asked for', 'answer'],
    [
      ['App name', app.name],
      ['App description', app.description],
      ['Summary', app.summary],
      ['Version number', app.version],
      ['Support URL', app.support_url],
      ['Operating system', app.operating_system],
      ['Suggested plan', app.suggested_plan],
      ['Brand colour 1', `\`#${app.colors.start}\``],
      ['Brand colour 2', `\`#${app.colors.end}\``],
      ['Logo', `[full colour](assets/${app.logo_url}), [white](assets/${app.logo_white_url})`],
    ].map((row) => row.map(cell)),
  );
}

function withSections(root: string, path: string, sections: readonly (readonly [string, string])[]): string {
  let text = read(root, path);
  for (const [name, content] of sections) {
    const replaced = replaceSection(text, name, content);
    if (replaced === undefined) throw new Error(`${path} lacks the markers <!-- ${name}:start --> …`);
    text = replaced;
  }
  return text;
}

function read(root: string, path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
