import { describe, expect, it } from '@jest/globals';
import { composeFile } from '../../../../src/core/compose/read-compose-file.ts';
import { readYaml } from '../../../../src/core/config/yaml-source.ts';
import { hideSecrets } from '../../../../src/core/preview/hide-secrets.ts';
import { asLines, resolveService, type ServiceState } from '../../../../src/core/preview/resolved-service.ts';
import { noServiceFile } from '../../../../src/core/project/service.ts';

const file = (text: string) => {
  const read = readYaml(text, 'services/shop/compose.yml');
  if (!read.ok) throw new Error('broken');
  return composeFile(read.yaml);
};

const resolve = (text: string, more: Partial<ServiceState['settings']> = {}, dotEnv = {}) =>
  resolveService({
    service: 'shop',
    settings: { ...noServiceFile, ports: {}, ...more },
    files: [file(text)],
    fileAt: () => undefined,
    dotEnv,
  });

describe('a resolved service', () => {
  it('is called as its folder where the file has no name', () => {
    expect(resolve('services: { web: { image: a } }')).toMatchObject({ name: 'shop' });
    expect(resolve('name: store\nservices: { web: { image: a } }')).toMatchObject({ name: 'store' });
  });

  it('has the variables of its settings before those of .env, and secrets as they stand', () => {
    const text = 'services: { web: { image: "web:$TAG", command: "$TOKEN" } }';
    const resolved = resolve(text, { env: { TAG: '2' }, secrets: ['TOKEN'] }, { TAG: '1', TOKEN: 'x' });
    expect(JSON.stringify(resolved)).toContain('web:2');
    expect(JSON.stringify(resolved)).toContain('TOKEN');
    expect(JSON.stringify(resolved['services'])).not.toContain('"x"');
  });

  it("has the target's own ports in place of those of the file", () => {
    const text = 'services: { web: { image: a, ports: ["80:80"] }, db: { image: b, ports: ["1:1"] } }';
    expect(resolve(text, { ports: { web: ['8081:80'] } })['services']).toMatchObject({
      web: { ports: ['8081:80'] },
      db: { ports: ['1:1'] },
    });
  });

  it('has how it is deployed, without what nobody set', () => {
    const { launch } = resolve('services: { web: { image: a } }', { strategy: 'rolling' });
    expect(launch).toEqual({ strategy: 'rolling' });
  });

  it('shows no credential of service.yml and of .env, wherever it comes to stand', () => {
    const tree = resolve(
      'services: { web: { command: "serve $DB_PASSWORD $OTHER_TOKEN $LEVEL" } }',
      { env: { DB_PASSWORD: 'hunter2', LEVEL: 'info' } },
      { OTHER_TOKEN: 'swordfish' },
    );
    const lines = asLines(hideSecrets(undefined, tree).after);
    expect(lines).not.toMatch(/hunter2|swordfish/);
    expect(lines).toContain('command: serve *** *** info');
    expect(lines).toContain('DB_PASSWORD: "***"');
  });
});
