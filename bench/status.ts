// How long `launch status` takes for 200 services of one host, the whole process: each with a release of its own,
// a container that runs and a health check over HTTP that is asked. Beside it, in turns, the least that tells as much
// of the containers alone: `docker ps --all` and one `docker inspect` of the same ones. Then once more while three of
// the checks are never answered.
//
// Usage: node bench/status.ts [--services 200] [--pairs 9] [--check]
//
//   --check   exit 1 when it takes more than the budget
//
// Needs what bench/many-services.ts needs; making and removing the services takes minutes.
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Command, compare } from './interleaved.ts';
import { deployMany } from './many-services.ts';

const budgetMs = 1000;
const { values } = parseArgs({
  options: {
    services: { type: 'string', default: '200' },
    pairs: { type: 'string', default: '9' },
    check: { type: 'boolean', default: false },
  },
});
const started = performance.now();
const host = await deployMany(Number(values.services), 3);
try {
  console.log(
    `${values.services} services deployed in ${((performance.now() - started) / 1000).toFixed(0)} s`,
  );
  const command = resolve(import.meta.dirname, '../dist/cli/index.js');
  const status: Command = {
    file: process.execPath,
    args: [command, 'status', '--json', '--state-dir', host.stateDir],
    env: { PATH: process.env['PATH'], HOME: host.stateDir },
  };
  const docker: Command = {
    file: 'sh',
    args: [
      '-c',
      'docker ps --all --format "{{json .}}" >/dev/null && docker inspect "$@" >/dev/null',
      'sh',
      ...host.containers,
    ],
    env: { PATH: process.env['PATH'] },
  };
  const { ratio, candidateMs, baselineMs } = compare(status, docker, Number(values.pairs));
  console.log(`docker ps + docker inspect   ${baselineMs.toFixed(0)} ms`);
  console.log(`launch status                ${candidateMs.toFixed(0)} ms (${ratio.toFixed(2)} x)`);
  if (candidateMs > budgetMs) {
    console.log(`OVER BUDGET: more than ${budgetMs} ms`);
    if (values.check) process.exitCode = 1;
  }
  host.hush();
  const from = performance.now();
  const told = spawnSync(status.file, status.args, { env: status.env, encoding: 'utf8', timeout: 60_000 });
  const tookMs = performance.now() - from;
  const wrong = told.stdout.match(/"health": "unhealthy"/g)?.length ?? 0;
  console.log(`with 3 that never answer     ${tookMs.toFixed(0)} ms (${wrong} unhealthy)`);
} finally {
  host.remove();
}
