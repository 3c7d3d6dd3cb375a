import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { joinScript } from '../../scripts/generate/ai-sandbox.ts';
import { ROOT } from '../support/source-tree.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const script = read('stackscripts/ai-sandbox.sh');

describe('the StackScript of the AI sandbox', () => {
  it('has its fields in the header, each with a default, the secrets named so that they are masked', () => {
    const fields = Array.from(script.matchAll(/^# <UDF name="(\w+)" label="([^"]+)" default="([^"]*)"/gm));
    expect(fields.map(([, name, , value]) => [name, value])).toEqual([
      ['model_id', 'mistralai/Mistral-7B-Instruct-v0.3'],
      ['hf_token_password', ''],
      ['api_key_password', ''],
      ['admin_email', 'admin@ai-sandbox.local'],
      ['admin_password', ''],
      ['allowed_addresses', '0.0.0.0/0'],
      ['max_model_len', '16384'],
    ]);
    expect(fields).toHaveLength(script.match(/<UDF/g)?.length ?? 0);
    for (const [line] of fields) expect(script.indexOf(line)).toBeLessThan(script.indexOf('\nset -'));
  });

  it('fetches no part of itself, and never traces its commands', () => {
    expect(script).not.toMatch(/^\s*(source|\.) /m);
    expect(script).not.toMatch(/set -x|xtrace/);
    expect(script).not.toMatch(/\beval\b/);
  });

  it('documents each code it fails with', () => {
    const codes = new Set(Array.from(script.matchAll(/\bfail ([A-Z_]+)/g), ([, code]) => code));
    expect(codes.size).toBeGreaterThan(20);
    const documented = read('stackscripts/README.md');
    expect([...codes].filter((code) => !documented.includes(`\`${code}\``))).toEqual([]);
  });

  it('holds the one template', () => {
    const template = read('services/ai-sandbox/docker-compose.yml.template');
    expect(script).toContain(`\n${template}`);
    const { services } = parse(template);
    expect(Object.keys(services)).toEqual(['vllm', 'api', 'open-webui']);
    for (const service of Object.values<{ image: string; restart: string; healthcheck: object }>(services)) {
      // A release, not something that moves.
      expect(service.image).toMatch(/:-[\w./-]+:v?\d+\.\d+\.\d+(-alpine)?\}$/);
      expect(service.healthcheck).toBeDefined();
    }
    expect(services.vllm.ports).toBeUndefined();
    expect(services.vllm.command).toContain('--max-num-seqs=1');
    expect(services['open-webui'].environment.OPENAI_API_BASE_URL).toBe('http://vllm:8000/v1');
  });
});

describe('joining the script', () => {
  const parts = ['#!/bin/bash\n', '# shellcheck shell=bash disable=SC1\n\nmain\n'];

  it('puts the compose file in as it is, before what runs it', () => {
    const text = joinScript(parts, 'a: "$b"\n');
    expect(text).toMatch(
      /^#!\/bin\/bash\n\ncompose_template\(\) \{\n {2}cat <<'(\w+)'\na: "\$b"\n\1\n\}\n\nmain\n$/,
    );
  });

  it('refuses what the provider would refuse, and a line that would end the compose file', () => {
    expect(() => joinScript(['x'.repeat(70_000), 'main'], '')).toThrow(
      /70\d+ characters; the provider takes 65535/,
    );
    expect(() => joinScript(parts, 'a: 1\nCOMPOSE_FILE_OF_THE_SANDBOX\n')).toThrow(/template has the line/);
  });
});
