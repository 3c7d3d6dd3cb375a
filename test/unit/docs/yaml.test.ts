// Each block of YAML and JSON can be read, is what Launch takes, and names inputs and outputs that there are.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import * as z from 'zod/mini';
import { launchFile } from '../../../src/core/config/launch-file.ts';
import { serviceFile } from '../../../src/core/config/service-file.ts';
import { instanceFile } from '../../../src/core/instances/instance-file.ts';
import { type Block, documentPaths, readDocument, shownFile } from '../../support/documents/document.ts';
import { wrongUses } from '../../support/documents/uses.ts';
import { ROOT } from '../../support/source-tree.ts';
import { workflowFiles } from '../../support/workflow-files.ts';

const launchSchema = JSON.parse(readFileSync(join(ROOT, 'schemas/launch.schema.json'), 'utf8'));
const serviceSchema = JSON.parse(readFileSync(join(ROOT, 'schemas/service.schema.json'), 'utf8'));

describe.each(documentPaths)('%s', (path) => {
  it('shows YAML and JSON as Launch takes it', () => {
    expect(readDocument(path).blocks.flatMap(offences)).toEqual([]);
  });
});

it.each(workflowFiles.filter((path) => existsSync(join(ROOT, path))))('%s uses what there is', (path) => {
  const text = readFileSync(join(ROOT, path), 'utf8');
  expect(wrongUses(parse(text), text)).toEqual([]);
});

function offences(block: Block): string[] {
  const found = offencesOf(block);
  return found.map((why) => `${block.document}:${block.line}: ${why}`);
}

function offencesOf(block: Block): string[] {
  if (block.language === 'json') return jsonOffences(block);
  if (!['yaml', 'yml'].includes(block.language)) return [];
  const texts = parseAllDocuments(block.text);
  const errors = Array.isArray(texts)
    ? texts.flatMap(({ errors }) => errors.map(({ message }) => message))
    : [];
  if (errors.length > 0) return errors;
  const value: unknown = parse(block.text, { merge: true });
  return [...wrongUses(value, block.text), ...configOffences(block, value)];
}

function jsonOffences(block: Block): string[] {
  try {
    const value = JSON.parse(block.text);
    return /^instances\//.test(shownFile(block) ?? '') ? faults(instanceFile, value) : [];
  } catch (error) {
    return [String(error)];
  }
}

/** By what the first comment says; else as the file whose keys it has. */
function configOffences(block: Block, value: unknown): string[] {
  const name = shownFile(block) ?? '';
  if (/(^|\/)launch\.yml$/.test(name)) return faults(launchFile, value);
  if (/(^|\/)service\.yml$/.test(name)) return faults(serviceFile, value);
  // A part of a workflow.
  if (block.text.includes('${{')) return [];
  if (name !== '' || typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  const fits = (schema: { properties: object }) =>
    Object.keys(value).every((key) => key in schema.properties);
  const tried = [
    ...(fits(launchSchema) ? [faults(launchFile, value)] : []),
    ...(fits(serviceSchema) ? [faults(serviceFile, value)] : []),
  ];
  return tried.some((it) => it.length === 0) ? [] : (tried[0] ?? []);
}

function faults(schema: z.ZodMiniType, value: unknown): string[] {
  const result = z.safeParse(schema, value);
  return result.success ? [] : [z.prettifyError(result.error)];
}
