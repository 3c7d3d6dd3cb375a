// Tries the deployed workers out, at their addresses, with the key of the test organisation.
//
// Usage: npm run test:e2e [-- --urls JSON|FILE] [--patience SECONDS]
//
//   WORKER_URLS    JSON: service to URL, as the output `urls` of wrangler-deploy and deploy-instance; or --urls
//   TEST_API_KEY   the same as the secret of config-service
//   --patience     how long a worker may take to become healthy (default 60)
//
// Exit 0: all of it works. 1: something does not. 2: it can't be told, because a URL or the key is missing.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import * as z from 'zod/mini';
import { expectHealthy, type LiveCheck, type LiveRun, liveWorker, reasonOf } from './live-worker.ts';
import { workerChecks } from './worker-checks.ts';

interface Asked {
  readonly urls: Readonly<Record<string, string>>;
  readonly key: string;
  readonly patienceMs: number;
}

async function main(): Promise<void> {
  const asked = readAsked();
  const run: LiveRun = { id: `e2e-${randomUUID().slice(0, 8)}` };
  let failed = 0;
  let passed = 0;
  for (const [name, url] of Object.entries(asked.urls)) {
    const worker = liveWorker(name, url, asked.key);
    const healthy: LiveCheck = {
      does: 'is healthy',
      check: async () => await expectHealthy(worker, asked.patienceMs),
    };
    for (const { does, check } of [healthy, ...(workerChecks[name] ?? [])]) {
      const began = performance.now();
      try {
        await check(worker, run);
        passed += 1;
        console.log(`ok      ${name} ${does} (${Math.round(performance.now() - began)} ms)`);
      } catch (error) {
        failed += 1;
        console.log(`FAILED  ${name} ${does}: ${reasonOf(error).replaceAll(asked.key, '***')}`);
        // The rest would say the same.
        if (does === healthy.does) break;
      }
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}

function readAsked(): Asked {
  const { values } = parseArgs({
    options: { urls: { type: 'string' }, patience: { type: 'string', default: '60' } },
  });
  const key = process.env['TEST_API_KEY'] ?? '';
  if (key === '') refuse('TEST_API_KEY is not set: the key of the test organisation.');
  const patience = Number(values.patience);
  if (!Number.isFinite(patience) || patience < 0)
    refuse(`--patience takes seconds, not "${values.patience}".`);
  return {
    urls: readUrls(values.urls ?? process.env['WORKER_URLS'] ?? ''),
    key,
    patienceMs: patience * 1000,
  };
}

function readUrls(given: string): Readonly<Record<string, string>> {
  if (given.trim() === '') {
    refuse(
      'WORKER_URLS is not set: JSON such as {"config-service":"https://config-service.example.workers.dev"}.',
    );
  }
  const text = given.trim().startsWith('{') ? given : readFile(given);
  const parsed = z.safeParse(z.record(z.string(), z.string()), parseJson(text));
  if (!parsed.success) refuse('WORKER_URLS is no JSON object of URLs by service.');
  const urls = Object.entries(parsed.data ?? {});
  if (urls.length === 0) refuse('WORKER_URLS names no worker: there is nothing to try out.');
  for (const [name, url] of urls) {
    if (!isSafe(url)) refuse(`"${url}" is no https:// URL of ${name}. Was it deployed?`);
  }
  return Object.fromEntries(urls);
}

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return refuse(`${path} can't be read.`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The key is sent to it: in the clear only within this machine. */
function isSafe(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return (
    protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname))
  );
}

function refuse(message: string): never {
  console.error(`test:e2e: ${message}`);
  process.exit(2);
}

await main();
