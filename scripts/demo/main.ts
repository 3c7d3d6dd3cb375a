/**
 * Launch's main job, for real, on this machine: plan, validate, deploy, check health, redeploy only what
 * changed, survive a broken release. Everything it makes is removed at the end; `--keep` leaves it to look at.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createRepository, type DemoRepository } from './repository.ts';
import { containerServices, type DemoServices, scriptServices } from './services.ts';
import { expectThat, heading, say, show } from './terminal.ts';

const launchCommand = resolve(import.meta.dirname, '../../dist/cli/index.js');
const image = 'launch-test/nginx:1';

interface Stage {
  readonly folder: string;
  readonly services: DemoServices;
  readonly ports: { readonly web: number; readonly api: number };
  readonly repository: DemoRepository;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'launch-demo-'));
  const stage = await setUp(folder);
  // A terminal sends Ctrl-C to the command that is shown, too: it undoes what it does, then this ends.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      cleanUp(stage);
      process.exit(130);
    });
  }
  try {
    await firstRelease(stage);
    await onlyWhatChanged(stage);
    await brokenRelease(stage);
    heading('What this machine remembers');
    launch(stage, ['history', 'launch-demo-web']);
    say('');
    say('The demonstration is complete: every claim above was checked as it was made.');
  } finally {
    if (process.argv.includes('--keep')) say(`Kept: ${folder}`);
    else cleanUp(stage);
  }
}

async function setUp(folder: string): Promise<Stage> {
  heading('A repository with two services');
  const [web, api] = await freePorts();
  const ports = { web, api };
  const docker = spawnSync('docker', ['info'], { stdio: 'ignore' }).status === 0;
  if (docker)
    execFileSync(resolve(import.meta.dirname, '../stand-in-images.sh'), {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  else say('No Docker Engine answers here: the same flow is shown with services that are plain scripts.');
  const services = docker ? containerServices(ports, image) : scriptServices(ports, process.execPath, folder);
  const repository = createRepository(join(folder, 'repository'));
  repository.commit('Add two services', services.files);
  for (const file of Object.keys(services.files).sort()) say(`  ${file}`);
  return { folder, services, ports, repository };
}

async function firstRelease(stage: Stage): Promise<void> {
  heading('Plan: what would be deployed, where and why');
  launch(stage, ['plan']);
  heading('Validate: what is wrong before anything is deployed');
  launch(stage, ['validate']);
  heading('Deploy both services');
  launch(stage, ['deploy', 'launch-demo-web', 'launch-demo-api']);
  expectThat('web answers with its first release', (await page(stage, 'web')).includes('web, first release'));
  expectThat('api answers with its first release', (await page(stage, 'api')).includes('api, first release'));
}

async function onlyWhatChanged(stage: Stage): Promise<void> {
  heading('A commit changes web');
  stage.repository.commit('Change the page of web', stage.services.page('web, second release'));
  const before = identity(stage, 'api');
  const planned = launch(stage, ['plan', '--base', 'HEAD~1']);
  expectThat(
    'the plan names web alone',
    planned.includes('launch-demo-web') && !planned.includes('launch-demo-api'),
  );
  launch(stage, ['deploy', '--base', 'HEAD~1']);
  expectThat(
    'web answers with its second release',
    (await page(stage, 'web')).includes('web, second release'),
  );
  expectThat('api was not touched', before !== '' && identity(stage, 'api') === before);
}

async function brokenRelease(stage: Stage): Promise<void> {
  heading('A commit breaks web');
  stage.repository.commit('Break web', stage.services.broken);
  launch(stage, ['deploy', 'launch-demo-web'], 3);
  expectThat(
    'web still answers with its second release',
    (await page(stage, 'web')).includes('web, second release'),
  );
}

/** Runs the command line as it ships, in the demo's repository and with a state folder of its own. */
function launch(stage: Stage, args: readonly [string, ...string[]], expected = 0): string {
  const state = ['deploy', 'history'].includes(args[0]) ? ['--state-dir', join(stage.folder, 'state')] : [];
  const command = [process.execPath, launchCommand, ...args, ...state] as const;
  const shown = show(`launch ${args.join(' ')}`, command, stage.repository.path);
  expectThat(`launch ${args[0]} ended with exit status ${expected}`, shown.exitCode === expected);
  return shown.stdout;
}

async function page(stage: Stage, name: 'web' | 'api'): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${stage.ports[name]}/`, {
    signal: AbortSignal.timeout(5000),
  });
  return response.text();
}

/** What changes when a service is restarted: its container and start time, or its process. */
function identity(stage: Stage, name: 'web' | 'api'): string {
  if (stage.services.kind === 'scripts') return readFileSync(join(stage.folder, `${name}.pid`), 'utf8');
  const id = execFileSync(
    'docker',
    ['ps', '-q', '--no-trunc', '--filter', `label=com.docker.compose.project=launch-demo-${name}`],
    { encoding: 'utf8' },
  ).trim();
  return id === ''
    ? ''
    : execFileSync('docker', ['inspect', '--format', '{{.Id}} {{.State.StartedAt}}', id], {
        encoding: 'utf8',
      });
}

function cleanUp(stage: Stage): void {
  heading('Cleaning up');
  if (stage.services.kind === 'containers') {
    for (const project of ['launch-demo-web', 'launch-demo-api'])
      spawnSync('docker', ['compose', '-p', project, 'down', '--timeout', '1'], { stdio: 'ignore' });
  } else {
    for (const file of readdirSync(stage.folder).filter((name) => name.endsWith('.pid'))) {
      try {
        process.kill(Number(readFileSync(join(stage.folder, file), 'utf8')));
      } catch {
        // It has ended already.
      }
    }
  }
  rmSync(stage.folder, { recursive: true, force: true });
  say('Removed the containers, processes and files of the demonstration.');
}

/** Two ports that nothing listens on; held at once, so that they differ. */
async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()];
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((done, fail) => {
          server.once('error', fail);
          server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            done(typeof address === 'object' && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return [ports[0] ?? 0, ports[1] ?? 0];
}

await main();
