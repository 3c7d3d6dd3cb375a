import { describe, expect, it } from '@jest/globals';
import type { ComposeFile } from '../../../../src/core/compose/compose-file.ts';
import { composeFile } from '../../../../src/core/compose/read-compose-file.ts';
import { readYaml } from '../../../../src/core/config/yaml-source.ts';
import { aboutComplaint } from '../../../../src/core/validation/compose-complaint.ts';

function read(file: string, text: string): ComposeFile {
  const reading = readYaml(text, file);
  if (!reading.ok) throw new Error(reading.problems[0].message);
  return composeFile(reading.yaml);
}

const base = read('s/compose.yml', 'services:\n  web:\n    image: a:1\n  db:\n    image: b:1\n');
const override = read(
  's/compose.override.yml',
  'services:\n  web:\n    image: a:2\n    depends_on: [cache]\n    mem_limit: lots\n',
);
const extended = read('common/base.yml', 'services:\n  low:\n    image: c:1\n');

describe('aboutComplaint', () => {
  it.each([
    ['service "web" depends on undefined service "cache": invalid', 's/compose.override.yml', 4],
    ['services[web].mem_limit: invalid size', 's/compose.override.yml', 5],
    ['services.db.image must be a string', 's/compose.yml', 5],
    ['validating s/compose.override.yml: services.web.image must be a string', 's/compose.override.yml', 3],
    ['cannot extend service "low" in common/base.yml: circular reference', 'common/base.yml', 2],
    ['nothing that is known', 's/compose.yml', 1],
  ])('%s: %s:%i', (said, file, line) => {
    expect(aboutComplaint([base, override], [extended], said).place).toMatchObject({ file, line });
  });

  it('names files by their last part', () => {
    const said = 'validating s/compose.yml: x in common/base.yml';
    expect(aboutComplaint([base], [extended], said).text).toBe('x in base.yml');
  });
});
