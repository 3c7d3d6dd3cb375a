// Deploys one instance: npm run deploy-instance -- --config instances/acme.json
// The same as `launch instance deploy instances/acme.json`, whose options it takes; --operation destroy or status does
// those.
import { runCli } from '../src/cli/main.ts';

const rest = process.argv.slice(2);
const config = take('--config');
const operation = take('--operation') ?? 'deploy';
await runCli(undefined, ['instance', operation, ...(config === undefined ? [] : [config]), ...rest]);

/** The value of an option, which is then gone from `rest`. */
function take(name: string): string | undefined {
  const at = rest.findIndex((word) => word === name || word.startsWith(`${name}=`));
  if (at < 0) return undefined;
  const [word = ''] = rest.splice(at, 1);
  return word.includes('=') ? word.slice(name.length + 1) : rest.splice(at, 1)[0];
}
