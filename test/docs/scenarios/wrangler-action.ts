// A repository whose worker wrangler has deployed, as docs/migrating/wrangler-action.md shows it, and a stand-in for
// Cloudflare that checks what it is sent. The wrangler is the real one.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startFakeCloudflare } from '../../support/cloudflare-api/server.ts';
import { filesShownIn } from '../../support/documents/document.ts';
import type { Scenario } from '../../support/documents/execute.ts';
import { createRepository, temporaryFolder } from '../../support/repository.ts';
import { ROOT } from '../../support/source-tree.ts';
import { node24 } from '../../support/tools.ts';

export const scenario: Scenario = {
  async prepare(document) {
    const {
      'launch.yml': launch = '',
      'services/api/service.yml': service = '',
      ...files
    } = filesShownIn(document);
    const fake = await startFakeCloudflare();
    const repository = createRepository();
    repository.commit({
      ...files,
      '.gitignore': 'node_modules\n.wrangler\n',
      'services/api/README.md': '# api\n',
    });
    repository.write({ 'node_modules/wrangler': { symlink: join(ROOT, 'node_modules/wrangler') } });
    const env = { ...fake.env, HOME: temporaryFolder('launch-home-'), API_KEY: 'key-of-the-api' };
    // What the old workflow has done with every push.
    const wrangler = join(ROOT, 'node_modules/wrangler/bin/wrangler.js');
    await promisify(execFile)(node24(), [wrangler, 'deploy', '--var', 'LOG_LEVEL:info'], {
      cwd: join(repository.path, 'services/api'),
      env: { PATH: process.env['PATH'], ...env },
      timeout: 60_000,
    }).catch(async (error) => {
      await fake.close();
      throw error;
    });
    repository.commit({ 'launch.yml': launch, 'services/api/service.yml': service });
    return {
      cwd: repository.path,
      env,
      check(printed) {
        if (printed.includes('key-of-the-api')) throw new Error(`a secret was printed:\n${printed}`);
        if (fake.refused.length > 0) throw new Error(fake.refused.join('\n'));
        const versions = fake.workers.get('api')?.versions.length;
        if (versions !== 2) throw new Error(`there are ${versions} versions`);
      },
      end: () => fake.close(),
    };
  },
};
