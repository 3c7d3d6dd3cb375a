import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { launch } from '../../support/launch-command.ts';
import {
  createRepository,
  type Files,
  removeRepositories,
  temporaryFolder,
} from '../../support/repository.ts';
import { requireTools } from '../../support/tools.ts';

afterAll(removeRepositories);

const script = { executable: '#!/bin/sh\nexit 0\n' };
const targets = 'targets: { homelab: { runs-on: self-hosted }, aws: { runs-on: self-hosted } }\n';

interface BadInput {
  readonly what: string;
  readonly files: Files;
  readonly args: readonly string[];
  /** The code, and what the one paragraph has to say: what, where, and how to mend it. */
  readonly says: readonly [string, ...(string | RegExp)[]];
  readonly env?: NodeJS.ProcessEnv;
}

const cases: readonly BadInput[] = [
  {
    what: 'broken YAML',
    files: { 'services/web/deploy.sh': script, 'services/web/service.yml': 'env:\n  A: [1\n' },
    args: ['deploy', 'web'],
    says: ['CONFIG_INVALID', 'not valid YAML', /services\/web\/service\.yml:\d+:\d+/, 'Mend the syntax'],
  },
  {
    what: 'an unknown key',
    files: { 'services/web/deploy.sh': script, 'services/web/service.yml': 'enabled: true\nhelth: []\n' },
    args: ['deploy', 'web'],
    says: ['CONFIG_INVALID', 'Unknown key "helth"', 'services/web/service.yml:2:1', 'Did you mean "health"?'],
  },
  {
    what: 'a misspelt target',
    files: {
      'launch.yml': targets,
      'services/web/deploy.sh': script,
      'services/web/service.yml': 'target: homlab\n',
    },
    args: ['deploy', 'web'],
    says: [
      'TARGET_UNKNOWN',
      '"homlab"',
      'services/web/service.yml',
      'Did you mean "homelab"?',
      'homelab, aws',
    ],
  },
  {
    what: 'a service called ../x',
    files: { 'services/web/deploy.sh': script },
    args: ['deploy', '../x'],
    says: ['SERVICE_NOT_FOUND', '"../x"', 'Known: web'],
  },
  {
    what: 'a folder with an invalid name',
    files: { 'services/Web Site/deploy.sh': script },
    args: ['deploy', '--all'],
    says: ['CONFIG_INVALID', 'services/Web Site', 'Rename it'],
  },
  {
    what: 'a service without a way to deploy',
    files: { 'services/web/service.yml': 'enabled: true\n' },
    args: ['deploy', 'web'],
    says: ['CONFIG_INVALID', 'no way to deploy', 'services/web/service.yml', 'Add a compose file'],
  },
  {
    what: 'a cycle',
    files: {
      'services/a/deploy.sh': script,
      'services/a/service.yml': 'depends-on: [b]\n',
      'services/b/deploy.sh': script,
      'services/b/service.yml': 'depends-on: [a]\n',
    },
    args: ['deploy', '--all'],
    says: ['CONFIG_INVALID', 'a → b → a', 'service.yml', 'Remove one'],
  },
  {
    what: 'a secret that is not given',
    files: {
      'services/web/deploy.sh': script,
      'services/web/service.yml': 'secrets: [API_KEY, DB_PASSWORD]\n',
    },
    args: ['deploy', 'web'],
    env: { LAUNCH_SECRETS: 'OTHER=1' },
    says: ['SECRET_MISSING', 'API_KEY', 'DB_PASSWORD', 'services/web/service.yml'],
  },
  {
    what: 'a Docker Engine that does not answer',
    files: { 'services/web/compose.yaml': 'services: { app: { image: example/app:1 } }\n' },
    args: ['deploy', 'web'],
    env: { DOCKER_HOST: 'unix:///nonexistent/docker.sock' },
    says: ['ENGINE_UNAVAILABLE', '/nonexistent/docker.sock'],
  },
];

describe('bad input at the terminal', () => {
  it.each(cases)('$what: one paragraph, exit 1, nothing on the host', async ({ files, args, says, env }) => {
    const repository = createRepository();
    repository.commit(files);
    const state = join(temporaryFolder(), 'state');
    const run = await launch([...args, '--state-dir', state], { cwd: repository.path, ...(env && { env }) });
    expect(run.exitCode).toBe(1);
    const [code, ...parts] = says;
    const paragraph = run.stderr.split('\n').find((line) => line.startsWith(`${code}: `)) ?? run.stderr;
    expect(paragraph).toMatch(new RegExp(`^${code}: \\S.*[.)?]$`));
    for (const part of parts) expect(paragraph).toMatch(part instanceof RegExp ? part : literally(part));
    expect(run.stderr).not.toMatch(/\n\s+at /);
    expect(releasesBelow(state)).toEqual([]);
  });
});

describe('a number that asks for nothing', () => {
  it('is refused, and not answered with "nothing was deployed"', async () => {
    const repository = createRepository();
    repository.commit({ 'services/web/deploy.sh': script });
    const args = ['history', 'web', '--limit', '0', '--state-dir', join(temporaryFolder(), 'state')];
    const run = await launch(args, { cwd: repository.path });
    expect(run).toMatchObject({ exitCode: 2, stdout: '' });
    expect(run.stderr).toMatch(/--limit.*Give at least 1/);
  });
});

describe('a repository without a commit', () => {
  it('has no service that could be deployed by its name', async () => {
    const repository = createRepository();
    repository.write({ 'services/web/deploy.sh': script });
    const state = temporaryFolder();
    const deploy = async (...args: string[]) =>
      await launch(['deploy', ...args, '--state-dir', state], { cwd: repository.path });
    const named = await deploy('web');
    expect(named.exitCode).toBe(1);
    expect(named.stderr).toMatch(
      /^CONFIG_INVALID: The repository has no commit yet\. Commit the service first/m,
    );
    expect(await deploy('--all')).toMatchObject({ exitCode: 0, stdout: 'Nothing to deploy.\n' });
    expect(releasesBelow(state)).toEqual([]);
  });
});

requireTools('flock')('a lock that another deployment holds', () => {
  it('is waited for, then told with its owner; nothing is changed', async () => {
    const repository = createRepository();
    repository.commit({ 'services/web/deploy.sh': script });
    const state = temporaryFolder();
    const folder = join(state, 'local', repository.path.split('/').at(-1) ?? '', 'default', 'web');
    mkdirSync(folder, { recursive: true });
    const holder = spawn('flock', ['--exclusive', join(folder, 'lock'), 'sh', '-c', 'echo held; sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    await new Promise((held) => holder.stdout.once('data', held));
    try {
      const run = await launch(['deploy', 'web', '--timeout', '1', '--state-dir', state], {
        cwd: repository.path,
      });
      expect(run.exitCode).toBe(1);
      expect(run.stderr).toMatch(/^LOCK_HELD: Another deployment .* is under way, by .*\.$/m);
      expect(releasesBelow(state)).toEqual([]);
    } finally {
      if (holder.pid !== undefined) process.kill(-holder.pid);
    }
  });
});

function literally(text: string): RegExp {
  return new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
}

/** Every release folder below a state folder. */
function releasesBelow(state: string): string[] {
  if (!existsSync(state)) return [];
  return readdirSync(state, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\/releases\/[^/]+$/.test(path),
  );
}
