// Updates of a service under load: how many requests fail, how long an update
// takes, for how long both versions answer.
//
// Usage: node bench/soak-updates.ts --strategy blue-green [--updates 20] [--boot 2] [--check]
//
//   --strategy   blue-green or rolling (behind a real Caddy), or recreate, which runs
//                in turns with a plain `docker compose up --detach` of the same service
//   --check      exit 1 when a bound is missed
//
// Needs Docker, Caddy and the image launch-test/nginx:1 (scripts/stand-in-images.sh).
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  alsoRemove,
  createHost,
  type DeployHost,
  freePort,
  removeProjects,
} from '../test/support/deploy-host.ts';
import { startEdge, type TestEdge } from '../test/support/edge.ts';
import { startLoad } from '../test/support/load.ts';
import { removeRepositories, temporaryFolder } from '../test/support/repository.ts';
import { routedCompose, routedFiles, routedSettings } from '../test/support/routed-service.ts';
import { median } from './interleaved.ts';

const perSecond = 200;
const slowPerSecond = 5;
const { values } = parseArgs({
  options: {
    strategy: { type: 'string', default: 'blue-green' },
    updates: { type: 'string', default: '20' },
    boot: { type: 'string', default: '2' },
    check: { type: 'boolean', default: false },
  },
});
const { strategy } = values;
const updates = Number(values.updates);
const bootSeconds = Number(values.boot);
const missed: string[] = [];
/** What a busy machine may be the reason of. */
const slow: string[] = [];

const edge = await startEdge();
try {
  if (strategy === 'recreate') await compareRecreate();
  else await soak(edge);
} finally {
  await edge.stop();
  removeProjects();
  removeRepositories();
}
for (const line of missed) console.log(`MISSED: ${line}`);
for (const line of slow) console.log(`SLOW: ${line}`);
if (missed.length + slow.length > 0 && values.check) process.exitCode = 1;

async function soak(proxy: TestEdge): Promise<void> {
  const replicas = strategy === 'rolling' ? 2 : 1;
  const host = await createHost();
  proxy.announce(host.stateDir);
  const commit = (version: number) =>
    host.commit({
      'compose.yml': routedCompose({ version: `v${version}`, bootSeconds, replicas }),
      'service.yml': routedSettings(host.service, strategy),
      ...routedFiles(`v${version}`),
    });
  commit(0);
  await deploy(host);
  const load = startLoad(proxy.port, host.service, perSecond, slowPerSecond);
  const took: number[] = [];
  const startedAt: number[] = [];
  let probesFailed = 0;
  for (let version = 1; version <= updates; version += 1) {
    commit(version);
    startedAt.push(Date.now());
    const { durationMs, failedProbes } = await deploy(host);
    took.push(durationMs);
    probesFailed += failedProbes ?? 0;
  }
  const report = await load.end();
  const containers = Object.keys(host.containers()).length;
  const longest = Math.max(...took);
  const switched = startedAt.map((at, index) => (report.firstSeen.get(`v${index + 1}`) ?? Number.NaN) - at);
  console.log(`${strategy}, ${updates} updates, boot ${bootSeconds} s, ${replicas} container(s)`);
  console.log(`requests            ${report.requests} (${perSecond} + ${slowPerSecond} slow a second)`);
  console.log(`failed              ${report.failed} ${JSON.stringify(report.faults)}`);
  console.log(`failed probes       ${probesFailed}`);
  console.log(`versions seen       ${report.versions.length}`);
  console.log(`both versions       at most ${report.bothVersionsMs} ms`);
  console.log(`update              median ${Math.round(median(took))} ms, longest ${longest} ms`);
  console.log(`  until it serves   median ${Math.round(median(switched))} ms`);
  console.log(`containers left     ${containers}`);
  if (report.failed > 0) missed.push(`${report.failed} requests failed`);
  if (containers !== replicas) missed.push(`${containers} containers are left instead of ${replicas}`);
  if (report.versions.length !== updates + 1) missed.push('not every version was seen');
  if (strategy !== 'blue-green') return;
  if (report.bothVersionsMs > 100) slow.push('both versions answered for more than 100 ms');
  if (median(switched) > bootSeconds * 1000 + 1500) slow.push('an update took more than its boot + 1.5 s');
}

async function deploy(host: DeployHost) {
  const result = await host.deploy();
  if (result.status !== 'deployed') throw new Error(`${result.status}: ${result.failure?.reason}`);
  return result;
}

async function compareRecreate(): Promise<void> {
  const host = await createHost();
  const bare = `${host.service}-bare`;
  alsoRemove(bare);
  const folder = temporaryFolder('launch-bare-');
  const barePort = await freePort();
  const files = (version: number, port: number) => ({
    'compose.yml': routedCompose({
      version: `v${version}`,
      bootSeconds,
      extra: `    ports: ["127.0.0.1:${port}:3000"]\n`,
    }),
    'www/version': `v${version}`,
  });
  const ours = async (version: number) => {
    host.commit({
      ...files(version, host.port),
      'service.yml': `health: [{ http: "http://127.0.0.1:${host.port}/version", timeout: 20s, interval: 50ms }]\n`,
    });
    return await deploy(host);
  };
  const theirs = (version: number) => {
    mkdirSync(join(folder, 'www'), { recursive: true });
    for (const [path, text] of Object.entries(files(version, barePort)))
      writeFileSync(join(folder, path), text);
    const command = ['compose', '--project-name', bare, 'up', '--detach'];
    const done = spawnSync('docker', command, { cwd: folder, encoding: 'utf8', timeout: 60_000 });
    if (done.status !== 0) throw new Error(done.stderr);
  };
  const outages = { launch: [] as number[], compose: [] as number[], told: [] as number[] };
  await ours(0);
  theirs(0);
  const settle = async () => await new Promise((resolve) => setTimeout(resolve, bootSeconds * 1000 + 1000));
  await settle();
  for (let version = 1; version <= updates; version += 1) {
    const load = startLoad(host.port, 'x', perSecond);
    await settle();
    outages.told.push((await ours(version)).outageMs ?? Number.NaN);
    await settle();
    outages.launch.push((await load.end()).longestOutageMs);
    const other = startLoad(barePort, 'x', perSecond);
    await settle();
    theirs(version);
    await settle();
    outages.compose.push((await other.end()).longestOutageMs);
  }
  console.log(`recreate, ${updates} updates, boot ${bootSeconds} s, ${perSecond} requests a second`);
  console.log(`outage of launch                 median ${median(outages.launch)} ms`);
  console.log(`  as it tells itself             median ${median(outages.told)} ms`);
  console.log(`outage of docker compose up -d   median ${median(outages.compose)} ms`);
  if (median(outages.launch) > median(outages.compose) * 1.1)
    slow.push('the outage is longer than that of compose');
}
