// Deploys every instances/<id>.json, some at a time, and goes on when one fails: node scripts/deploy-all-instances.ts [--parallel 4]
// The same as `launch instance deploy --all`, whose options it takes. Exit 1 if any failed.
import { runCli } from '../src/cli/main.ts';

await runCli(undefined, ['instance', 'deploy', '--all', ...process.argv.slice(2)]);
