// The workers of this repository on the reader's own machine, by the real wrangler. `wrangler dev` never ends: it is
// started in the background, and the block goes on once the worker answers.
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../support/deploy-host.ts';
import type { Scenario } from '../../support/documents/execute.ts';
import { temporaryFolder } from '../../support/repository.ts';
import { ROOT } from '../../support/source-tree.ts';
import { workersCheckout } from './cloudflare.ts';

export const scenario: Scenario = {
  tools: ['curl'],
  async prepare() {
    const repository = workersCheckout();
    for (const folder of ['scripts', 'src']) symlinkSync(join(ROOT, folder), join(repository.path, folder));
    const port = await freePort();
    return {
      cwd: repository.path,
      env: {
        HOME: temporaryFolder('launch-home-'),
        WRANGLER_SEND_METRICS: 'false',
        WRANGLER_WRITE_LOGS: 'false',
        CI: 'true',
      },
      programs: {
        npx: `#!/usr/bin/env bash
set -euo pipefail
wrangler='${join(ROOT, 'node_modules/.bin/wrangler')}'
[[ $1 == wrangler ]]
shift
if [[ $1 != dev ]]; then exec "$wrangler" "$@"; fi
"$wrangler" "$@" --port ${port} --inspector-port 0 </dev/null &
for _ in {1..600}; do
  kill -0 "$!"
  ! curl --fail --silent http://127.0.0.1:${port}/health || exit 0
  sleep 0.1
done
exit 1
`,
        npm: `#!/usr/bin/env bash
[[ $* == 'run test:e2e' ]] || exit 2
WORKER_URLS=\${WORKER_URLS/8787/${port}} exec node '${join(ROOT, 'scripts/test-live/main.ts')}'
`,
      },
    };
  },
};
