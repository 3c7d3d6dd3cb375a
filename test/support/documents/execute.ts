// Runs what the documents tell a reader to type, block by block, in one shell per document and scenario.
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { hermeticGitEnv, removeRepositories, temporaryFolder } from '../repository.ts';
import { ROOT } from '../source-tree.ts';
import { toolPath } from '../tool-path.ts';
import { node24, requireTools } from '../tools.ts';
import { type Block, documents } from './document.ts';
import { commandsOf, markOf, notPrinted, outputShownIn } from './mark.ts';

/** Where the blocks of one document are run, and what is there then. */
export interface Sandbox {
  /** Where the first block begins. Made by the scenario, with `temporaryFolder` or `createRepository`. */
  readonly cwd: string;
  /** Added to the environment: PATH with `launch`, the real tools and `programs`; HOME, an empty folder; git's. */
  readonly env?: NodeJS.ProcessEnv;
  /** What the reader types where a block asks. */
  readonly stdin?: string;
  /** Bash scripts, by name, that stand in for programs that need an account. They check what they are given. */
  readonly programs?: Readonly<Record<string, string>>;
  /** Called after the last block has passed; throws where the reader would not have what was promised. */
  check?(printed: string): void | Promise<void>;
  /** Ends what the blocks have started, also when one of them has failed. */
  end?(): void | Promise<void>;
}

/** What test/docs/scenarios/<name>.ts exports as `scenario`. */
export interface Scenario {
  /** As for `requireTools`, besides node24. */
  readonly tools?: readonly string[];
  /** Called once for each document with blocks of this scenario; all blocks of it run in the one sandbox. */
  prepare(document: string): Sandbox | Promise<Sandbox>;
}

/** The whole of test/e2e/docs/<name>.test.ts. */
export function executeDocuments(name: string, scenario: Scenario): void {
  const found = documents().flatMap(({ path, blocks }) => {
    const own = blocks.filter((block) => {
      const mark = markOf(block);
      return mark?.kind === 'scenario' && mark.name === name;
    });
    return own.length === 0 ? [] : [[path, own] as const];
  });
  afterAll(removeRepositories);
  requireTools('node24', ...(scenario.tools ?? []))(`what documents say, in the scenario ${name}`, () => {
    it('is said by one', () => expect(found).not.toEqual([]));

    it.each(found)(
      '%s',
      async (path, blocks) => {
        const sandbox = await scenario.prepare(path);
        try {
          const printed = await runBlocks(blocks, sandbox);
          await sandbox.check?.(printed);
        } finally {
          await sandbox.end?.();
        }
      },
      180_000,
    );
  });
}

/** Gives all that was printed; throws with the block's place and output where one fails or prints something else. */
export async function runBlocks(blocks: readonly Block[], sandbox: Sandbox): Promise<string> {
  const folder = temporaryFolder('launch-docs-');
  const outputs = blocks.map((_, index) => join(folder, `${index}.out`));
  const steps = blocks.map((block, index) => {
    writeFileSync(join(folder, `${index}.sh`), commandsOf(block));
    // In this shell, so that later blocks see its variables and its folder.
    return `{ . '${folder}/${index}.sh'; } >'${outputs[index]}' 2>&1\n: >'${folder}/${index}.done'\n`;
  });
  const script = join(folder, 'session.sh');
  writeFileSync(script, `set -euo pipefail\n${steps.join('')}`);
  const ended = await runSession(script, sandbox, environment(folder, sandbox));
  const printed = outputs.map((file) => (existsSync(file) ? readFileSync(file, 'utf8') : ''));
  const stopped = blocks.findIndex((_, index) => !existsSync(join(folder, `${index}.done`)));
  if (stopped >= 0) {
    const at = placeOf(blocks[stopped]);
    throw new Error(`${at}: this block ${ended}. It printed:\n${printed[stopped]}`);
  }
  for (const [index, block] of blocks.entries()) {
    const missing = notPrinted(outputShownIn(block), printed[index] ?? '');
    if (missing.length > 0) {
      const lines = missing.join('\n');
      throw new Error(`${placeOf(block)}: not printed:\n${lines}\nBut this was:\n${printed[index]}`);
    }
  }
  return printed.join('');
}

function environment(folder: string, { cwd, env, programs = {} }: Sandbox): NodeJS.ProcessEnv {
  const bin = join(folder, 'bin');
  const command = `#!/bin/sh\nexec '${node24()}' '${join(ROOT, 'dist/cli/index.js')}' "$@"\n`;
  mkdirSync(join(folder, 'home'));
  for (const [name, text] of Object.entries({ launch: command, ...programs })) {
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, name), text);
    chmodSync(join(bin, name), 0o755);
  }
  const tools = ['shellcheck', 'sops', 'actionlint'].flatMap((tool) => {
    const found = toolPath(tool);
    return found === undefined ? [] : [dirname(found)];
  });
  // npm's folder, which a test run has on PATH, holds a shellcheck that downloads one.
  const path = (process.env['PATH'] ?? '').split(':').filter((it) => !it.endsWith('/node_modules/.bin'));
  return {
    ...hermeticGitEnv(),
    HOME: join(folder, 'home'),
    PATH: [...new Set([bin, dirname(node24()), ...tools, ...path])].join(':'),
    // Nothing here asks npm's registry for news.
    npm_config_update_notifier: 'false',
    PWD: cwd,
    ...(process.env['DOCKER_HOST'] === undefined ? {} : { DOCKER_HOST: process.env['DOCKER_HOST'] }),
    ...env,
  };
}

/** Says how it ended. */
async function runSession(script: string, sandbox: Sandbox, env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn('bash', [script], {
    cwd: sandbox.cwd,
    env,
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const group = -(child.pid ?? 0);
  child.stdin.on('error', () => {});
  child.stdin.end(sandbox.stdin ?? '');
  const tooLong = setTimeout(() => endGroup(group), 150_000);
  const ended = await new Promise<string>((done, fail) =>
    child.once('error', fail).once('close', (code, signal) => {
      done(signal === null ? `ended with status ${code}` : `was ended by ${signal}, after 150 s`);
    }),
  );
  clearTimeout(tooLong);
  // What the blocks have left in the background.
  endGroup(group);
  return ended;
}

function endGroup(group: number): void {
  if (group === 0) return;
  try {
    process.kill(group, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}

function placeOf(block: Block | undefined): string {
  return block === undefined ? 'no block' : `${block.document}:${block.line}`;
}
