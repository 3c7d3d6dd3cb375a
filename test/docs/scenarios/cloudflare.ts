// This repository's workers in a checkout, an empty account at a stand-in for Cloudflare that checks what it is sent,
// and the real wrangler. `gh` stands in for GitHub's, and takes only what that knows; where a run is watched, it does
// what the run would do.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startFakeCloudflare } from '../../support/cloudflare-api/server.ts';
import type { Scenario } from '../../support/documents/execute.ts';
import { ghCommands } from '../../support/documents/gh-commands.ts';
import { createRepository, type Repository, temporaryFolder } from '../../support/repository.ts';
import { ROOT } from '../../support/source-tree.ts';
import { node24 } from '../../support/tools.ts';

export const scenario: Scenario = {
  async prepare() {
    const fake = await startFakeCloudflare();
    fake.handle(() => ({ status: 200, body: '{"status":"ok"}' }));
    const repository = workersCheckout();
    const home = temporaryFolder('launch-home-');
    const known = join(home, 'gh-commands.json');
    writeFileSync(known, JSON.stringify(ghCommands));
    const { CLOUDFLARE_API_TOKEN: token, CLOUDFLARE_ACCOUNT_ID: account, ...rest } = fake.env;
    return {
      cwd: repository.path,
      stdin: `${token}\n${account}\n`,
      env: {
        ...rest,
        HOME: home,
        GH_COMMANDS: known,
        LAUNCH_SECRETS: 'TEST_API_KEY=a-test-key-0123456789\nIDEOGRAM_API_KEY=an-ideogram-key-0123456789\n',
      },
      programs: {
        gh: `#!/bin/sh\nexec '${node24()}' '${join(ROOT, 'test/support/documents/gh.ts')}' "$@"\n`,
      },
      check(printed) {
        if (fake.refused.length > 0) throw new Error(fake.refused.join('\n'));
        if (printed.includes(fake.token)) throw new Error(`the token was printed:\n${printed}`);
      },
      end: () => fake.close(),
    };
  },
};

/** Of this repository what its workers are made of. */
export function workersCheckout(): Repository {
  const repository = createRepository();
  const workers = ['config-service', 'rate-limiter', 'image-gen', 'shared', 'tsconfig.worker.json'];
  const files = ['launch.yml', 'tsconfig.json', 'package.json', 'package-lock.json'];
  const listed = [...workers.map((name) => `services/${name}`), ...files];
  const tracked = execFileSync('git', ['ls-files', '-z', ...listed], { cwd: ROOT, encoding: 'utf8' });
  for (const file of tracked.split('\0').filter((name) => name !== '')) {
    mkdirSync(dirname(join(repository.path, file)), { recursive: true });
    copyFileSync(join(ROOT, file), join(repository.path, file));
  }
  repository.commit({ '.gitignore': 'node_modules\n.wrangler\n.dev.vars\n*.env\n' });
  repository.bareOrigin();
  repository.write({ node_modules: { symlink: join(ROOT, 'node_modules') } });
  return repository;
}
