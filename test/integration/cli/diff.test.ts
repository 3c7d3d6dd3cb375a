import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createHost, type DeployHost, repositoryName } from '../../support/deploy-host.ts';
import { deploySuite } from '../../support/deploy-suite.ts';
import { launch } from '../../support/launch-command.ts';
import { createRepository, temporaryFolder } from '../../support/repository.ts';

const compose = (image: string, more = '') => `services:
  web:
    image: ${image}
    network_mode: none
    stop_grace_period: 0s
    environment: { LOG: "\${LOG}", API_TOKEN: "\${API_TOKEN}"${more} }
`;
const settings = (env: string, secrets: string, more = '') =>
  `steady: 1s\nenv: { ${env} }\nsecrets: [${secrets}]\nignore: ["**/*.md"]\n${more}`;

deploySuite()('what a deployment would change', () => {
  let host: DeployHost;
  let [first, second] = ['', ''];
  let secretsFile = '';
  let image = '';
  const diff = async (...args: string[]) => {
    const place = ['--repository', repositoryName, '--state-dir', host.stateDir];
    return await launch(['diff', host.service, ...place, ...args], { cwd: host.repository.path });
  };
  const given = (token: string) => {
    writeFileSync(secretsFile, `API_TOKEN=${token}\n`);
    return ['--secrets-file', secretsFile];
  };

  beforeAll(async () => {
    host = await createHost();
    secretsFile = join(temporaryFolder(), 'secrets');
    image = `${host.service}/app:1`;
    host.docker('tag', 'launch-test/app:1', image);
    const files = { 'service.yml': settings('LOG: info, OLD: "1"', 'API_TOKEN'), 'README.md': 'one\n' };
    host.commit({ ...files, 'compose.yml': compose(image), 'gone.txt': 'x\n' });
    const secrets = new Map([['API_TOKEN', 'token-of-the-first']]);
    first = (await host.deploy({ secrets })).release;
    host.commit({ 'page.html': 'one\ntwo\nthree\n' });
    second = (await host.deploy({ secrets })).release;
  });

  afterAll(() => void host.docker('image', 'rm', image));

  it('is nothing right after one, whatever changes that it does not see', async () => {
    host.commit({ 'README.md': 'two\n', '/services/other/deploy.sh': 'true\n' });
    const { exitCode, stdout } = await diff('--exit-code');
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('Nothing differs.')]);
    const same = (await diff('--json', ...given('token-of-the-first'))).json();
    expect(same).toMatchObject({ differs: false, files: [], images: [], compose: null, drift: [] });
    expect(same).toMatchObject({ from: { release: second }, secrets: { rotated: false } });
  });

  it('is told when a secret was rotated, and never by its value', async () => {
    const { stdout, stderr } = await diff(...given('token-of-the-second'));
    expect(stdout).toContain('the values are others');
    expect(stdout + stderr).not.toContain('token-of');
    expect((await diff('--exit-code', ...given('token-of-the-second'))).exitCode).toBe(1);
  });

  it('is files, configuration, images, and names of variables and secrets', async () => {
    host.commit({
      'compose.yml': compose('launch-test/nginx:1', ', DB_PASSWORD: "hunter2hunter2"'),
      'service.yml': settings('LOG: debug, NEW: "2"', 'API_TOKEN, MAIL_KEY'),
      'page.html': 'one\n2\nthree\n::set-output name=x::y\n',
      'gone.txt': null,
      'app.env': 'MODE=fast\nDB_PASSWORD=hunter2hunter2\n',
      'tls.key': 'nothing that anybody may see\n',
      'picture.bin': new Uint8Array([0, 1, 2, 3]),
      'large.txt': 'x'.repeat(300 * 1024),
      '::set-output\u001b[31m\n.txt': 'x\n',
      'run.sh': { executable: '#!/bin/sh\n' },
      link: { symlink: 'page.html' },
    });
    const { exitCode, stdout, stderr } = await diff('--patch');
    expect([exitCode, stderr]).toEqual([0, '']);
    const at = `services/${host.service}`;
    for (const line of [
      `  ~ ${at}/page.html (+2 -1)`,
      `  - ${at}/gone.txt (+0 -1)`,
      `  + ${at}/app.env (+2 -0)`,
      `  + ${at}/tls.key (hidden)`,
      `  + ${at}/picture.bin (binary)`,
      `  + ${at}/large.txt (too long)`,
      `  + ${at}/::set-output\\u001b[31m\\u000a.txt (+1 -0)`,
      `  + ${at}/link (+1 -0)`,
      '+MODE=fast',
      '+DB_PASSWORD=***',
      '-two',
      `  ~ web: ${image} → launch-test/nginx:1`,
      '  + NEW',
      '  - OLD',
      '  ~ LOG',
      '  + MAIL_KEY',
    ]) {
      expect(stdout.split('\n')).toContain(line);
    }
    expect(stdout).not.toMatch(/hunter2|may see|\u001b|^\s*::/m);
    const json = (await diff('--json')).json();
    expect(json).toMatchObject({
      differs: true,
      to: { release: null, commit: host.repository.id() },
      env: { added: ['NEW'], removed: ['OLD'], changed: ['LOG'] },
      secrets: { added: ['MAIL_KEY'], removed: [], rotated: null },
      compose: { diff: expect.stringContaining('+    image: launch-test/nginx:1') },
    });
    expect(JSON.stringify(json)).not.toContain('hunter2');
  });

  it('is that to another release, too', async () => {
    const found = (await diff('--to', first, '--json')).json();
    expect(found).toMatchObject({
      from: { release: second },
      to: { release: first },
      differs: true,
      files: [{ path: `services/${host.service}/page.html`, change: 'deleted' }],
      secrets: { rotated: false },
    });
    const wrong = await diff('--to', '../../etc/passwd');
    expect([wrong.exitCode, wrong.stderr]).toEqual([1, expect.stringContaining(second)]);
  });

  it('is also what has drifted, and what a name stands for by now', async () => {
    host.repository.git('reset', '--quiet', '--hard', 'HEAD~1');
    expect((await diff('--exit-code')).exitCode).toBe(0);
    host.docker('tag', 'launch-test/nginx:1', image);
    expect((await diff('--json')).json()).toMatchObject({
      differs: false,
      images: [{ service: 'web', before: image, after: image, change: 'moved' }],
    });
    host.docker('rm', '--force', `${host.service}-web-1`);
    const { exitCode, stdout } = await diff('--exit-code');
    expect([exitCode, stdout]).toEqual([1, expect.stringContaining(`! ${host.service}-web-1 is gone`)]);
  });

  it('can not be told without the commit, or without a release', async () => {
    const repository = createRepository();
    repository.commit({ [`services/${host.service}/compose.yml`]: compose('x') });
    const place = ['--repository', repositoryName, '--state-dir', host.stateDir];
    const elsewhere = await launch(['diff', host.service, ...place], { cwd: repository.path });
    expect([elsewhere.exitCode, elsewhere.stderr]).toEqual([1, expect.stringContaining('BASE_UNAVAILABLE')]);
    const none = await launch(['diff', 'other', ...place, '--json'], { cwd: host.repository.path });
    expect(none.json()).toMatchObject({ error: { code: 'SERVICE_NOT_FOUND' } });
  });
});
