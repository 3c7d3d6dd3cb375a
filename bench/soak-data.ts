// Deployments, rollbacks, failures, pruning and kills of a service with data: whether its data
// stays whole, its configuration is that of the release which serves, and its database runs on.
//
// Usage: node bench/soak-data.ts [--count 30] [--seed <n>] [--verbose]
//
// The web server mounts `./config` (tracked, another one in each release) and `./data`
// (untracked); the database a volume and a folder below that. Each turn deploys a release, kills
// the next deployment at a random moment, and then does one of: deploy one more and roll back,
// two more and roll back twice, deploy one that never gets healthy.
//
// After each step a line is added to all data, and all lines so far must be there; the
// configuration must be that of the page that is served; and the database's container the very
// same, never even restarted. Three releases are kept, so that most are pruned. Exit 1 when any
// of that did not hold.
//
// Needs a Docker engine and the images launch-test/nginx:1 and launch-test/app:1
// (scripts/stand-in-images.sh), and runs what ships: dist/.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { healthOf, prepareSoak, type SoakHost, type SoakService } from './soak/host.ts';
import { endAtRandom, type KillMode, killModes } from './soak/kill.ts';
import { leftovers } from './soak/leftovers.ts';
import { randomFrom } from './soak/random.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '30' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    verbose: { type: 'boolean', default: false },
  },
});
const count = Number(values.count);
const random = randomFrom(Number(values.seed));

const withData: SoakService = {
  containers: ['web-1', 'db-1'],
  files: (port, page) => ({
    'compose.yml': `services:
  web:
    image: launch-test/nginx:1
    environment: { PAGE: "${page}", TOKEN: "\${TOKEN}" }
    ports: ["127.0.0.1:${port}:80"]
    volumes: ["./html:/usr/share/nginx/html:ro", "./config:/config:ro", "./data:/data"]
    depends_on: [db]
    stop_grace_period: 1s
  db:
    image: launch-test/app:1
    environment: { TOKEN: "\${TOKEN}" }
    volumes: ["store:/store", "./data/db:/more"]
    stop_grace_period: 1s
volumes: { store: {} }
`,
    'service.yml': `secrets: [TOKEN]\n${healthOf(port)}`,
    'html/index.html': page,
    'config/app.conf': `config of ${page}`,
  }),
};

const faults = {
  'lines of data lost': [] as string[],
  'configuration of another release': [] as string[],
  'database containers made anew': [] as string[],
  'wrong or no page served': [] as string[],
  'leftovers and steps that failed': [] as string[],
};
const done = { deployments: 0, rollbacks: 0, 'releases that failed': 0, kills: 0 };

const host = await prepareSoak(withData);
try {
  await main(host);
} finally {
  host.remove();
}

async function main(soak: SoakHost): Promise<void> {
  const watch = { lines: 0, database: '' };
  soak.release('page 0');
  const { ms } = await deploy(soak, 'page 0');
  watch.database = database(soak);
  console.error(`seed ${values.seed}; the first deployment takes ${ms.toFixed(0)} ms`);
  const kinds = [back, backTwice, fail] as const;
  for (let turn = 1; turn <= count; turn += 1) {
    const page = `page ${turn}`;
    soak.release(page);
    await deploy(soak, page);
    check(soak, watch, page, await soak.get());
    const killed = await kill(soak, turn, page, ms);
    check(soak, watch, `a kill after ${page}`, killed);
    const kind = kinds[turn % kinds.length] ?? back;
    check(soak, watch, `${kind.name} after ${killed}`, await kind(soak, turn, killed));
    // What a guardian did is told, and its log removed, by the next run.
    faults['leftovers and steps that failed'].push(...leftovers(soak).map((it) => `turn ${turn}: ${it}`));
    if (turn % 10 === 0) console.error(`${turn} of ${count}`);
  }
  soak.release('the last page');
  await deploy(soak, 'the last page');
  check(soak, watch, 'the end', await soak.get());
  const kept = readdirSync(join(soak.folder, 'releases')).length;
  const made = readFileSync(join(soak.folder, 'history.ndjson'), 'utf8').trim().split('\n').length;
  for (const [what, times] of Object.entries(done)) console.log(`${what.padEnd(34)} ${times}`);
  console.log(`${'releases made, and kept'.padEnd(34)} ${made}, ${kept}`);
  console.log(`${'lines of data written'.padEnd(34)} ${watch.lines * 3}`);
  for (const [what, found] of Object.entries(faults)) console.log(`${what.padEnd(34)} ${found.length}`);
  const all = Object.values(faults).flat();
  for (const line of all) console.log(line);
  if (all.length > 0) process.exitCode = 1;
}

async function deploy(soak: SoakHost, page: string): Promise<{ readonly ms: number }> {
  done.deployments += 1;
  const { exitCode, status, output, ms } = await soak.deploy();
  if (exitCode !== 0 || status !== 'deployed') {
    faults['leftovers and steps that failed'].push(`${page}: ${status}\n${output}`);
  }
  const served = await soak.get();
  if (served !== page) faults['wrong or no page served'].push(`${page}: "${served}" is served`);
  return { ms };
}

/** What is served afterwards: the old page or the new one. */
async function kill(soak: SoakHost, turn: number, page: string, ms: number): Promise<string> {
  done.kills += 1;
  const mode: KillMode = killModes[Math.floor(random() * killModes.length)] ?? 'deployer';
  const fresh = `killed ${turn}`;
  soak.release(fresh);
  const after = Math.floor(random() * ms * 1.1);
  await endAtRandom(soak, mode, after);
  if (values.verbose) console.error(`${page}: killed after ${after} ms (${mode})`);
  if (mode === 'deployer') {
    await soak.untilFree();
    const served = await soak.get();
    if (served !== page && served !== fresh) {
      faults['wrong or no page served'].push(`${fresh}: "${served}" is served`);
    }
    return served;
  }
  // Nobody is left to bring it to its end but the next run.
  soak.release(`after ${fresh}`);
  await deploy(soak, `after ${fresh}`);
  return `after ${fresh}`;
}

/** A further release, and back from it. */
async function back(soak: SoakHost, _turn: number, page: string): Promise<string> {
  return await goBack(soak, page, 1);
}

/** Two further releases, and back from both: not to and fro. */
async function backTwice(soak: SoakHost, _turn: number, page: string): Promise<string> {
  return await goBack(soak, page, 2);
}

async function goBack(soak: SoakHost, page: string, times: number): Promise<string> {
  for (let further = 1; further <= times; further += 1) {
    soak.release(`${page}, ${further} further`);
    await deploy(soak, `${page}, ${further} further`);
  }
  for (let time = 0; time < times; time += 1) {
    done.rollbacks += 1;
    const { exitCode, output } = await soak.rollback();
    if (exitCode !== 0) faults['leftovers and steps that failed'].push(`back to ${page}:\n${output}`);
  }
  const served = await soak.get();
  if (served !== page) faults['wrong or no page served'].push(`back to ${page}: "${served}" is served`);
  return served;
}

async function fail(soak: SoakHost, turn: number, page: string): Promise<string> {
  done['releases that failed'] += 1;
  const bad = 'secrets: [TOKEN]\nhealth: [{ tcp: "127.0.0.1:1", timeout: 300ms }]\n';
  soak.release(`bad ${turn}`, { 'service.yml': bad });
  const { status, output } = await soak.deploy();
  if (status !== 'rolled-back')
    faults['leftovers and steps that failed'].push(`bad ${turn}: ${status}\n${output}`);
  const served = await soak.get();
  if (served !== page) faults['wrong or no page served'].push(`bad ${turn}: "${served}" is served`);
  return served;
}

interface Watch {
  lines: number;
  /** Id and start of the database's container. */
  database: string;
}

function check(soak: SoakHost, watch: Watch, where: string, served: string): void {
  const { service, docker } = soak;
  const exec = (name: string, command: string) => docker('exec', `${service}-${name}`, 'sh', '-c', command);
  watch.lines += 1;
  const line = `line ${watch.lines}`;
  const wanted = Array.from({ length: watch.lines }, (_, at) => `line ${at + 1}`).join('\n');
  for (const [name, file] of [
    ['web-1', '/data/log'],
    ['db-1', '/store/log'],
    ['db-1', '/more/log'],
  ] as const) {
    const found = exec(name, `echo ${line} >>${file}; cat ${file}`);
    if (found !== wanted) faults['lines of data lost'].push(`${where}: ${file} of ${name} holds\n${found}`);
  }
  const config = exec('web-1', 'cat /config/app.conf');
  if (config !== `config of ${served}`) {
    faults['configuration of another release'].push(`${where}: "${config}" beside "${served}"`);
  }
  const now = database(soak);
  if (now !== watch.database) {
    faults['database containers made anew'].push(`${where}: ${watch.database} is now ${now}`);
    watch.database = now;
  }
}

function database({ docker, service }: SoakHost): string {
  return docker('inspect', '--format', '{{.Id}} {{.State.StartedAt}}', `${service}-db-1`);
}
