// Each template as a user meets it: `launch new`, `validate`, `plan`, a commit and `deploy`, and not one edit.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { startFakeCloudflare } from '../../support/cloudflare-api/server.ts';
import { alsoRemove, docker, freePort, removeProjects } from '../../support/deploy-host.ts';
import { startGpuEngine } from '../../support/gpu-engine.ts';
import { launch } from '../../support/launch-command.ts';
import { libreChatTools } from '../../support/librechat/images.ts';
import {
  createRepository,
  type Repository,
  removeRepositories,
  temporaryFolder,
} from '../../support/repository.ts';
import { ROOT } from '../../support/source-tree.ts';
import { templateImages } from '../../support/template-images.ts';
import { requireTools } from '../../support/tools.ts';
import { workerAt } from '../../support/worker-repository.ts';

afterAll(() => {
  removeProjects();
  removeRepositories();
});

interface Place {
  readonly repository: Repository;
  readonly env: NodeJS.ProcessEnv;
  /** Unique on the engine. */
  readonly name: string;
  run(...args: string[]): Promise<string>;
  runWith(stdin: string, ...args: string[]): Promise<string>;
}

/** A repository that `launch init` has set up. */
async function place(env: NodeJS.ProcessEnv = {}): Promise<Place> {
  const repository = createRepository();
  const name = `lt-${randomBytes(4).toString('hex')}`;
  const all = {
    HOME: temporaryFolder('launch-home-'),
    XDG_STATE_HOME: temporaryFolder('launch-state-'),
    ...env,
  };
  const runWith = async (stdin: string, ...args: string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await launch(args, { cwd: repository.path, env: all, stdin });
    if (exitCode !== 0)
      throw new Error(`launch ${args.join(' ')} ended with ${exitCode}:\n${stdout}${stderr}`);
    return stdout;
  };
  const made = { repository, env: all, name, runWith, run: (...args: string[]) => runWith('', ...args) };
  repository.git('remote', 'add', 'origin', 'https://github.com/octo/shop.git');
  await made.run('init', '--yes', '--host', '127.0.0.1');
  return made;
}

/** All that comes before the deployment. What is printed says where it goes. */
async function make({ repository, name, run }: Place, template: string, ...flags: string[]): Promise<string> {
  repository.commit({}, 'Set up');
  const told = await run('new', name, '--template', template, ...flags);
  expect(told).toContain(`launch deploy ${name}`);
  expect(await run('validate', name)).toMatch(/1 service validated, nothing to mend/);
  repository.commit({}, `Add ${name}`);
  const plan = await run('plan', '--base', 'HEAD~1');
  expect(plan).toContain(name);
  return plan;
}

async function containerService(template: string, env: NodeJS.ProcessEnv = {}) {
  const found = await place(env);
  alsoRemove(found.name);
  const port = await freePort();
  await make(found, template, '--port', String(port));
  const [variable, image] = templateImages[template]?.() ?? [];
  return { ...found, port, image: ['--env', `${variable}=${image}`] };
}

requireTools(
  'node24',
  'docker',
  'compose',
  'flock',
)('templates that are containers', () => {
  it('web: serves its page', async () => {
    const { name, port, image, run } = await containerService('web');
    await run('deploy', name, ...image);
    const page = await (await fetch(`http://127.0.0.1:${port}/`)).text();
    expect(page).toContain(`<h1>${name}</h1>`);
  });

  it('api: answers', async () => {
    const { name, port, image, run } = await containerService('api');
    await run('deploy', name, ...image);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).json()).toEqual({ service: name });
    // Ends when it is asked to, and does not wait for the kill.
    const stopped = Date.now();
    docker('stop', '--time', '60', `${name}-api-1`);
    expect(Date.now() - stopped).toBeLessThan(30_000);
    expect(docker('inspect', '--format', '{{.State.ExitCode}}', `${name}-api-1`)).toBe('0');
  });

  it('gpu: asks the engine for all GPUs, and is healthy where it gets them', async () => {
    const engine = await startGpuEngine();
    try {
      const { name, port, image, run } = await containerService('gpu', { DOCKER_HOST: engine.address });
      await run('deploy', name, ...image);
      expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
      expect(engine.asked.filter((it) => it !== null)).toEqual([
        expect.arrayContaining([
          expect.objectContaining({ Driver: 'nvidia', Count: -1, Capabilities: [['gpu']] }),
        ]),
      ]);
    } finally {
      await engine.close();
    }
  });
});

requireTools(
  'node24',
  'docker',
  'compose',
  'flock',
  ...libreChatTools,
)('the template of a database', () => {
  it('keeps what is in it, and is open to its password alone', async () => {
    const { name, image, repository, run, runWith } = await containerService('database');
    const variable = `${name.toUpperCase().replaceAll('-', '_')}_PASSWORD`;
    const refused = await run('deploy', name, ...image).catch(String);
    expect(refused).toContain(`SECRET_MISSING: The secret ${variable} is declared`);
    const secrets = `${variable}=a-password-of-24-letters\n`;
    await runWith(secrets, 'deploy', name, ...image, '--secrets-file', '-');

    const ask = (password: string, sql: string): string =>
      docker(
        'exec',
        '--env',
        `PGPASSWORD=${password}`,
        `${name}-postgres-1`,
        'psql',
        '--host=127.0.0.1',
        '--username=app',
        '--dbname=app',
        '--tuples-only',
        '--no-align',
        `--command=${sql}`,
      );
    ask('a-password-of-24-letters', 'CREATE TABLE kept AS SELECT 7 AS seven');
    expect(() => ask('another', 'SELECT 1')).toThrow(/password authentication failed/);

    repository.commit({
      [`services/${name}/service.yml`]: readFileSync(
        join(repository.path, `services/${name}/service.yml`),
        'utf8',
      ).replace('timeout: 30s', 'timeout: 31s'),
    });
    await runWith(secrets, 'deploy', name, ...image, '--secrets-file', '-', '--force');
    expect(ask('a-password-of-24-letters', 'SELECT seven FROM kept')).toBe('7');

    // The backup, as services/templates/database/README.md has it.
    const readme = readFileSync(join(repository.path, `services/${name}/README.md`), 'utf8');
    expect(readme).not.toContain('<!--');
    const [, command = ''] = /```sh\n(.*)\n```/.exec(readme) ?? [];
    execFileSync('bash', ['-c', command], { cwd: repository.path });
    expect(readFileSync(join(repository.path, `${name}.sql`), 'utf8')).toMatch(/CREATE TABLE public\.kept/);
  });
});

requireTools('node24', 'flock')('the template of a script', () => {
  it('puts its files in their place, and takes them away again', async () => {
    const found = await place();
    const { name, run, env, repository } = found;
    await make(found, 'script');
    await run('deploy', name);
    const file = join(env['HOME'] ?? '', '.local/share', name, 'current/greeting.txt');
    expect(readFileSync(file, 'utf8')).toBe(`Hello from ${name}.\n`);
    repository.commit({ [`services/${name}/files/greeting.txt`]: 'Hello again.\n' });
    await run('deploy', name);
    expect(readFileSync(file, 'utf8')).toBe('Hello again.\n');
    await run('rollback', name);
    expect(readFileSync(file, 'utf8')).toBe(`Hello from ${name}.\n`);
    await run('remove', name, '--yes');
    expect(existsSync(file)).toBe(false);
  });
});

describe('the template of a worker', () => {
  it('is deployed to Cloudflare, to a target that is added', async () => {
    const fake = await startFakeCloudflare();
    try {
      const found = await place({ CLOUDFLARE_API_BASE_URL: fake.url });
      const { name, repository, runWith } = found;
      const plan = await make(found, 'worker', '--add-target');
      expect(plan).toContain('edge');
      repository.commit({ '.gitignore': 'node_modules\n.wrangler\n' });
      repository.write({ 'node_modules/.keep': '' });
      symlinkSync(join(ROOT, 'node_modules/wrangler'), join(repository.path, 'node_modules/wrangler'));
      const secrets = `CLOUDFLARE_API_TOKEN=${fake.token}\nCLOUDFLARE_ACCOUNT_ID=${fake.accountId}\n`;
      await runWith(secrets, 'deploy', name, '--secrets-file', '-');
      expect(workerAt(fake, name).versions).toHaveLength(1);
      // Asked for its health before it had any traffic; the stand-in runs no code.
      expect(fake.served.length).toBeGreaterThan(0);
      expect(fake.refused).toEqual([]);
    } finally {
      await fake.close();
    }
  });
});
