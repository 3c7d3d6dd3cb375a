import { describe, expect, it } from '@jest/globals';
import { composeFile } from '../../../../src/core/compose/read-compose-file.ts';
import { readYaml } from '../../../../src/core/config/yaml-source.ts';
import { hideSecrets } from '../../../../src/core/preview/hide-secrets.ts';
import { asLines, resolveService } from '../../../../src/core/preview/resolved-service.ts';
import { noServiceFile } from '../../../../src/core/project/service.ts';
import type { TargetSettings } from '../../../../src/core/project/target-settings.ts';

function resolved(text: string, settings: Partial<TargetSettings> = {}, dotEnv: Record<string, string> = {}) {
  const read = readYaml(text, 'services/web/compose.yaml');
  if (!read.ok) throw new Error(read.problems[0].message);
  const tree = resolveService({
    service: 'web',
    settings: { ...noServiceFile, ...settings },
    files: [composeFile(read.yaml)],
    fileAt: () => undefined,
    dotEnv,
  });
  return asLines(hideSecrets(undefined, tree).after);
}

describe('resolveService', () => {
  it('fills in what the repository tells, and says how the service is deployed', () => {
    const text = `services:
  web:
    image: web:\${VERSION:-1}
    ports: ["80:80"]
    environment: [LEVEL=$LEVEL, TOKEN=$API_TOKEN, "MODE=\${MODE}", HOST=$HOST]
`;
    const settings = {
      env: { LEVEL: 'warn' },
      secrets: ['API_TOKEN'],
      ports: { web: ['81:80'] },
      strategy: 'rolling',
    } as const;
    expect(
      resolved(
        text,
        { ...settings, secrets: [...settings.secrets], ports: { web: ['81:80'] } },
        { MODE: 'x', LEVEL: 'no' },
      ),
    ).toBe(`launch:
  env:
    LEVEL: warn
  secrets:
    - API_TOKEN
  strategy: rolling
name: web
services:
  web:
    environment:
      HOST: \${HOST}
      LEVEL: warn
      MODE: x
      TOKEN: \${API_TOKEN}
    image: web:1
    ports:
      - 81:80
`);
  });

  it('hides a credential of service.yml and of .env, wherever it comes to stand', () => {
    const lines = resolved(
      'services: { web: { command: "serve $DB_PASSWORD $OTHER_TOKEN" } }',
      { env: { DB_PASSWORD: 'hunter2' } },
      { OTHER_TOKEN: 'swordfish' },
    );
    expect(lines).not.toMatch(/hunter2|swordfish/);
    expect(lines).toContain('command: serve *** ***');
    expect(lines).toContain('DB_PASSWORD: "***"');
  });

  it('says nothing of what nobody set', () => {
    expect(resolved('name: own\nservices: {}')).toBe(
      'launch:\n  strategy: recreate\nname: own\nservices: {}\n',
    );
  });
});
