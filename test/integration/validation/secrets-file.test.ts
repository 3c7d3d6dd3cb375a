import { afterAll, expect, it } from '@jest/globals';
import { removeRepositories } from '../../support/repository.ts';
import { ageKey, encrypted } from '../../support/sops.ts';
import { requireTools } from '../../support/tools.ts';
import { composeService, validateFiles } from '../../support/validating.ts';

afterAll(removeRepositories);

const compose = 'services: { web: { image: "nginx:1.29", environment: [DATABASE_PASSWORD, API_TOKEN] } }\n';
const path = 'services/web/secrets.enc.env';

async function problemsOf(content: string, secrets = '[DATABASE_PASSWORD, API_TOKEN]'): Promise<string[]> {
  const files = { ...composeService('web', compose), 'services/web/service.yml': `secrets: ${secrets}\n` };
  return await validateFiles({ ...files, [path]: content });
}

requireTools(
  'shellcheck',
  'sops',
  'age-keygen',
)('secrets.enc.env in a pull request', () => {
  const file = encrypted(
    '# how to get one\nDATABASE_PASSWORD=hunter2-hunter2\nAPI_TOKEN=two words\n',
    ageKey(),
  );

  it('is right when SOPS has encrypted it, and needs no key to be looked at', async () => {
    expect(await problemsOf(file)).toEqual([]);
  });

  it('is an error in plain, and where somebody wrote into it', async () => {
    expect(await problemsOf('DATABASE_PASSWORD=hunter2-hunter2\n')).toEqual([
      `unencrypted-secrets ${path}:1`,
    ]);
    expect(await problemsOf(`${file}ADDED=hunter2\n`)).toEqual([
      `unencrypted-secrets ${path}:${file.split('\n').length}`,
    ]);
  });

  it('names its secrets without that they count as used', async () => {
    expect(await problemsOf(file, '[DATABASE_PASSWORD, API_TOKEN, UNUSED]')).toEqual([
      'unused-secret services/web/service.yml:1',
    ]);
  });

  it('does not hand its key to a service that asks for it', async () => {
    const problems = await problemsOf(file, '\n  - API_TOKEN\n  - DATABASE_PASSWORD\n  - SOPS_AGE_KEY');
    expect(problems).toContain('reserved-variable services/web/service.yml:4');
  });
});
