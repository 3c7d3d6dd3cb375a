import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import * as z from 'zod/mini';
import { readApp } from '../../../scripts/generate/marketplace.ts';
import { marketplaceAppFile, wordsIn } from '../../../scripts/marketplace/app-file.ts';
import { loaderFor, marketplaceFields } from '../../../scripts/marketplace/loader.ts';
import { gpuMemoryNeeded, sandboxModels } from '../../../src/core/gpu/models.ts';
import { isSecretField, userDefinedFields } from '../../../src/core/gpu/user-defined-fields.ts';
import { ROOT } from '../../support/source-tree.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const sandbox = read('stackscripts/ai-sandbox.sh');
const loader = read('stackscripts/marketplace/ai-sandbox-deploy.sh');
const app = () =>
  z.parse(
    z.record(z.string(), z.unknown()),
    JSON.parse(read('stackscripts/marketplace/marketplace-app.json')),
  );

describe('the record of the app', () => {
  const schema = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true }).compile(
    z.parse(z.looseObject({ $id: z.string() }), JSON.parse(read('schemas/marketplace-app.schema.json'))),
  );
  const verdicts = (value: unknown) => ({
    zod: z.safeParse(marketplaceAppFile, value).success,
    json: schema(value),
  });

  it('is what the schemas ask for, with logos that are there, and of this version', () => {
    expect(verdicts(app())).toEqual({ zod: true, json: true });
    expect(readApp(ROOT).name).toBe('AI Sandbox');
  });

  it('describes the app in 100 to 125 words', () => {
    const words = String(app()['description']).trim().split(/\s+/).length;
    expect(words).toBeGreaterThanOrEqual(100);
    expect(words).toBeLessThanOrEqual(125);
  });

  it.each([
    [99, false],
    [100, true],
    [125, true],
    [126, false],
  ])('takes a description of %i words: %s', (count, good) => {
    const description = Array.from({ length: count }, () => 'word').join(' ');
    expect(wordsIn(description)).toBe(count);
    expect(verdicts({ ...app(), description })).toEqual({ zod: good, json: good });
  });

  it.each([
    { name: '' },
    { categories: [] },
    { categories: ['Toys'] },
    { colors: { start: '#1f3a5f', end: '2f9e8f' } },
    { logo_url: '../logo.svg' },
    { logo_url: 'logo.png' },
    { website: 'http://example.org' },
    { stackscript_id: 0 },
    { version: 'latest' },
    { summary: 'x'.repeat(251) },
    { unknown: true },
  ])('refuses %j', (change) => {
    expect(verdicts({ ...app(), ...change })).toEqual({ zod: false, json: false });
  });

  it('has logos that are small vectors and bring nothing in from elsewhere', () => {
    for (const logo of ['ai-sandbox.svg', 'ai-sandbox-white.svg']) {
      const svg = read(`stackscripts/marketplace/assets/${logo}`);
      expect(svg.length).toBeLessThan(4096);
      expect(svg).not.toMatch(/<script|<image|href|url\(|\bon\w+=/i);
    }
  });
});

describe('the loader', () => {
  it('has the fields of the script it runs, with the same defaults', () => {
    const without = (text: string) =>
      userDefinedFields(text).map(({ label: _label, oneOf: _oneOf, example: _example, ...field }) => field);
    expect(without(loader)).toEqual(without(sandbox));
    expect(userDefinedFields(loader)).toHaveLength(7);
  });

  it('asks for nothing, and hides what is secret', () => {
    for (const { name, fallback } of userDefinedFields(loader)) {
      expect({ name, fallback: typeof fallback }).toEqual({ name, fallback: 'string' });
      // By this part of a name the provider knows what not to show and not to log.
      if (isSecretField(name)) expect(name).toContain('password');
    }
  });

  it('offers the models of the list, and tells what memory each needs', () => {
    const model = userDefinedFields(loader).find(({ name }) => name === 'model_id');
    expect(model?.oneOf).toEqual(sandboxModels.map(({ id }) => id));
    expect(model?.oneOf).toContain(model?.fallback);
    expect(model?.label).toContain('Mistral-7B-Instruct-v0.3 19 GB');
  });

  it('follows every change of the script', () => {
    const changed = loaderFor(loader, `${sandbox}# changed\n`, '9.9.9');
    expect(changed).toContain('readonly VERSION=9.9.9');
    expect(changed.match(/SHA256=\w+/g)).not.toEqual(loader.match(/SHA256=\w+/g));
    expect(loaderFor(changed, sandbox, loader.match(/VERSION=(.*)/)?.[1] ?? '')).toBe(loader);
  });

  it('is not made for a script that asks for something, or whose model is another', () => {
    expect(() => marketplaceFields(`${sandbox}\n# <UDF name="domain" label="Domain" />`)).toThrow('domain');
    expect(() => marketplaceFields(sandbox.replace('default="mistralai/', 'default="other/'))).toThrow(
      'model_id',
    );
  });

  it('is what the provider takes', () => {
    expect(loader.length).toBeLessThan(65_535);
    expect(loader.startsWith('#!/usr/bin/env bash\n')).toBe(true);
  });
});

describe('what the host knows of the models', () => {
  it.each([
    [16_384, 1],
    [4096, 1],
    [32_768, 4],
  ])('is what the list says, for %i tokens on %i GPUs', (context, gpus) => {
    const asked = `source "$1"; GPU_COUNT=${gpus} MAX_MODEL_LEN=${context}; for model in "\${MODELS[@]}"; do MODEL_ID=$model; echo "$model $(gpu_mib_needed "$model") $(disk_gib_needed)"; done`;
    const file = join(ROOT, 'stackscripts/ai-sandbox/models.sh');
    const { stdout, stderr } = spawnSync('bash', ['-c', asked, 'bash', file], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const told = stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' '));
    expect(told.map(([id, mib, disk]) => [id, Math.ceil(Number(mib) / 1024), Number(disk)])).toEqual(
      sandboxModels.map((model) => [
        model.id,
        gpuMemoryNeeded(model, context, gpus),
        Math.ceil(model.weightsGib) + 5,
      ]),
    );
  });
});
