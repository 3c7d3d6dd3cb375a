// A service with a file of secrets that is not encrypted yet; the editor adds a line to what it is given.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scenario } from '../../support/documents/execute.ts';
import { createRepository, temporaryFolder } from '../../support/repository.ts';
import { newService } from './host.ts';

export const scenario: Scenario = {
  tools: ['sops', 'age-keygen', 'docker', 'compose'],
  async prepare() {
    const repository = createRepository();
    const { files } = await newService('chat');
    const path = 'services/chat/secrets.enc.env';
    repository.commit({
      'launch.yml': 'targets: { homelab: { runs-on: homelab } }\ndefaults: { target: homelab }\n',
      ...files,
    });
    repository.write({ [path]: 'OPENAI_API_KEY=first-secret\n' });
    const read = () => readFileSync(join(repository.path, path), 'utf8');
    return {
      cwd: repository.path,
      env: { HOME: temporaryFolder('launch-home-'), EDITOR: 'add-a-line' },
      programs: { 'add-a-line': '#!/bin/sh\necho DATABASE_PASSWORD=second-secret >>"$1"\n' },
      check() {
        if (!/^OPENAI_API_KEY=ENC\[.*\nDATABASE_PASSWORD=ENC\[/.test(read())) throw new Error(read());
      },
    };
  },
};
