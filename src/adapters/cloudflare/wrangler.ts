import { closeSync, constants, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { readWranglerOutput, type WranglerOutput } from '../../core/cloudflare/wrangler-output.ts';
import { hostPart } from '../../core/deploy/child-env.ts';
import { type RunResult, run } from '../process/run.ts';
import { cloudflareApi } from './api.ts';
import { toolCache, type Wrangler } from './find-wrangler.ts';

export interface WranglerCall {
  readonly wrangler: Wrangler;
  readonly argv: readonly string[];
  /** The worker's folder. */
  readonly cwd: string;
  readonly apiToken: string;
  readonly accountId: string;
  /** Undefined: Cloudflare's own. */
  readonly apiUrl: string | undefined;
  /** Read by wrangler from its standard input; `secretsFile` names that. */
  readonly secrets?: ReadonlyMap<string, string> | undefined;
  readonly hostEnv: NodeJS.ProcessEnv;
  /** In milliseconds. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
  readonly onLine: (line: string) => void;
}

export interface WranglerRun {
  readonly result: RunResult;
  readonly output: WranglerOutput;
  /** The last lines of both outputs, those of stderr at the end, without colours. */
  readonly lines: readonly string[];
}

/** What wrangler is told to read its secrets from. */
export const secretsFile = '/dev/stdin';

/**
 * Runs wrangler in an environment of its own. Nothing of the folder or the host can lead its token elsewhere, and no
 * secret is among its arguments or variables, but for the token; nor on a disk under a name.
 */
export async function runWrangler(call: WranglerCall): Promise<WranglerRun> {
  const folder = await mkdtemp(join(tmpdir(), 'launch-wrangler-'));
  let stdin: number | undefined;
  try {
    stdin = call.secrets === undefined ? undefined : openSecrets(folder, call.secrets);
    const outputFile = join(folder, 'output.ndjson');
    const result = await run([process.execPath, '--no-warnings', call.wrangler.program, ...call.argv], {
      cwd: call.cwd,
      env: wranglerEnvironment(call, outputFile),
      timeout: call.timeout,
      wholeGroup: true,
      maxBuffer: 64 * 1024,
      ...(stdin === undefined ? {} : { stdin }),
      ...(call.signal === undefined ? {} : { signal: call.signal }),
      onLine: (line) => call.onLine(stripVTControlCharacters(line)),
    });
    const output = readWranglerOutput(await readFile(outputFile, 'utf8').catch(() => ''));
    const lines = stripVTControlCharacters(`${result.stdout}\n${result.stderr}`).split('\n').slice(-60);
    return { result, output, lines };
  } finally {
    if (stdin !== undefined) closeSync(stdin);
    await rm(folder, { recursive: true, force: true });
  }
}

/** O_TMPFILE: Linux opens a file that never gets a name. O_DIRECTORY, a part of it, differs between processors. */
const unnamed = 0o20_000_000 | constants.O_DIRECTORY;

/**
 * The secrets as an open file without a name: it is gone with the last process that has it open, however that ends. JSON,
 * because wrangler would work out `$NAME` in the values of any other form.
 */
function openSecrets(folder: string, secrets: ReadonlyMap<string, string>): number {
  const content = JSON.stringify(Object.fromEntries(secrets));
  if (process.platform === 'linux') {
    try {
      const opened = openSync(folder, unnamed | constants.O_RDWR, 0o600);
      writeFileSync(opened, content);
      return opened;
    } catch {
      // Not every file system can.
    }
  }
  const path = join(folder, 'secrets.json');
  writeFileSync(path, content, { mode: 0o600, flag: 'wx' });
  const opened = openSync(path, 'r');
  // At once, so that no signal comes in between.
  unlinkSync(path);
  return opened;
}

function wranglerEnvironment(call: WranglerCall, outputFile: string): NodeJS.ProcessEnv {
  const { hostEnv } = call;
  const certificates = hostEnv['NODE_EXTRA_CA_CERTS'];
  return {
    ...hostPart(hostEnv),
    ...(certificates === undefined ? {} : { NODE_EXTRA_CA_CERTS: certificates }),
    CI: 'true',
    NO_COLOR: '1',
    FORCE_COLOR: '0',
    CLOUDFLARE_API_TOKEN: call.apiToken,
    CLOUDFLARE_ACCOUNT_ID: call.accountId,
    // Also where it is the usual one: what is set can't be set by a file.
    CLOUDFLARE_API_BASE_URL: call.apiUrl ?? cloudflareApi,
    CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV: 'false',
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_HIDE_BANNER: 'true',
    WRANGLER_WRITE_LOGS: 'false',
    WRANGLER_OUTPUT_FILE_PATH: outputFile,
    ...compileCache(hostEnv),
  };
}

/**
 * Wrangler is one file of many megabytes, of which a fifth of its time goes into compiling. Node keeps what comes of
 * that, and checks it against the file. Where nothing is there the next time, it would be a waste.
 */
function compileCache(hostEnv: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (hostEnv['RUNNER_ENVIRONMENT'] === 'github-hosted') return {};
  return { NODE_COMPILE_CACHE: join(toolCache(hostEnv), 'launch-wrangler', 'compile-cache') };
}
