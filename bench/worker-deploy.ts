// What wrangler-deploy takes beside a bare `wrangler deploy` of the same worker, against a stand-in for Cloudflare's API
// in a process of its own. In turns; each deployment is a real one.
//
// Usage: node bench/worker-deploy.ts [--pairs 11] [--check]
//
//   --check   exit 1 when it takes more than the budget
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Command, compare } from './interleaved.ts';

const ROOT = resolve(import.meta.dirname, '..');
const budget = 1.2;
const token = 'test-token-0123456789abcdefghijklmnopqrst';
const account = '0123456789abcdef0123456789abcdef';
const { values } = parseArgs({
  options: { pairs: { type: 'string', default: '11' }, check: { type: 'boolean', default: false } },
});

const folder = mkdtempSync(join(tmpdir(), 'launch-bench-'));
const api = startApi();
try {
  const url = await api.url();
  const worker = makeWorker();
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    CI: 'true',
    CLOUDFLARE_API_BASE_URL: url,
    CLOUDFLARE_API_TOKEN: token,
    CLOUDFLARE_ACCOUNT_ID: account,
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_HIDE_BANNER: 'true',
    WRANGLER_WRITE_LOGS: 'false',
  };
  const wrangler = join(ROOT, 'node_modules/wrangler/bin/wrangler.js');
  const bare: Command = { file: process.execPath, args: [wrangler, 'deploy'], cwd: worker, env };
  const cases = {
    'no smoke test': {},
    'smoke test, 0, 10, 50, 100 %': { 'INPUT_SMOKE-URL': '/', INPUT_GRADUAL: '10,50,100' },
  };
  for (const [name, inputs] of Object.entries(cases)) {
    const measured = compare(
      {
        file: process.execPath,
        args: [join(ROOT, 'dist/wrangler-deploy/index.js')],
        cwd: folder,
        env: {
          ...env,
          INPUT_SERVICE: 'bench',
          // The content is the same each time.
          INPUT_FORCE: 'true',
          INPUT_SECRETS: '{"KEY":"a-secret-value"}',
          INPUT_VARS: 'LEVEL=info',
          ...inputs,
        },
      },
      bare,
      Number(values.pairs),
    );
    const { ratio, candidateMs, baselineMs } = measured;
    console.log(
      `wrangler-deploy, ${name}: ${candidateMs.toFixed(0)} ms, bare wrangler deploy ${baselineMs.toFixed(0)} ms, ratio ${ratio.toFixed(2)}`,
    );
    if (ratio <= budget) continue;
    console.log(`OVER BUDGET: more than ${budget} times as long`);
    if (values.check) process.exitCode = 1;
  }
} finally {
  api.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** A repository with one worker; gives the worker's folder. */
function makeWorker(): string {
  const path = join(folder, 'services/bench');
  mkdirSync(join(path, 'src'), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const config = {
    name: 'bench',
    main: 'src/index.ts',
    compatibility_date: '2026-11-01',
    preview_urls: false,
  };
  const files = {
    '.gitignore': 'node_modules\n.wrangler\nport\n.config\n.cache\n',
    'launch.yml': 'targets:\n  edge: { runs-on: ubuntu-latest, driver: worker }\n',
    'services/bench/service.yml': 'secrets: [KEY]\n',
    'services/bench/wrangler.jsonc': JSON.stringify(config),
    'services/bench/src/index.ts':
      'export default { async fetch(): Promise<Response> { return new Response("ok"); } };\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost', ...args], {
      cwd: folder,
    });
  git('init', '--quiet');
  git('add', '--all');
  git('commit', '--quiet', '--message=first');
  return path;
}

function startApi() {
  const portFile = join(folder, 'port');
  const child = spawn(
    process.execPath,
    [join(ROOT, 'test/support/cloudflare-api/main.ts'), '--port-file', portFile],
    { stdio: ['pipe', 'ignore', 'inherit'] },
  );
  return {
    async url(): Promise<string> {
      for (let waited = 0; waited < 200; waited += 1) {
        await sleep(50);
        try {
          return `http://127.0.0.1:${readFileSync(portFile, 'utf8').trim()}/client/v4`;
        } catch {
          // It has not begun to listen.
        }
      }
      throw new Error('the stand-in for the API did not start');
    },
    stop: () => void child.kill(),
  };
}
