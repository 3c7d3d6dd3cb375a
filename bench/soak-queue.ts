// Runs of one service that are all started at once, each with a commit of its own: whether one
// deploys at a time, in order, none is lost and the last commit wins; then whether an older
// commit can take the place of a newer one.
//
// Once they start in a random order, so that most find that a newer one was quicker; once they
// come one after the other, 400 ms apart, so that each waits for its turn and has it.
//
// Usage: node bench/soak-queue.ts [--count 50] [--seed <n>]
//
// Each run is a process of dist/ with a checkout of its own and its run number. The service's
// hooks notice when two are at it at once, and note the order. Exit 1 when anything was wrong.
// Needs a Docker engine and the image launch-test/nginx:1 (scripts/stand-in-images.sh).
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Ended } from './soak/action.ts';
import { healthOf, prepareSoak, type SoakHost, type SoakService } from './soak/host.ts';
import { leftovers } from './soak/leftovers.ts';
import { randomFrom } from './soak/random.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
  },
});
const count = Number(values.count);
const random = randomFrom(Number(values.seed));

/** Hooks run while the lock is held. */
const watched: SoakService = {
  containers: ['web-1'],
  files: (port, page) => ({
    'compose.yml': `services:
  web:
    image: launch-test/nginx:1
    environment: { PAGE: "${page}" }
    ports: ["127.0.0.1:${port}:80"]
    volumes: ["./html:/usr/share/nginx/html:ro"]
    stop_grace_period: 1s
`,
    'service.yml': `hooks: { pre-deploy: ./enter.sh, post-deploy: ./leave.sh }\n${healthOf(port)}`,
    'html/index.html': page,
    'enter.sh':
      '#!/bin/sh\nmkdir "$PLACE/busy" 2>/dev/null || echo "$(cat html/index.html)" >>"$PLACE/overlaps"\n',
    'leave.sh': '#!/bin/sh\necho "$(cat html/index.html)" >>"$PLACE/order"\nrmdir "$PLACE/busy"\n',
  }),
};

const wrong: string[] = [];
const expect = (what: string, holds: boolean, output = '') => {
  if (!holds) wrong.push(output === '' ? what : `${what}:\n${output}`);
};

for (const apart of [0, 400]) {
  const host = await prepareSoak(watched);
  try {
    await startAll(host, apart);
  } finally {
    host.remove();
  }
}
console.log(`wrong                      ${wrong.length}`);
for (const line of wrong) console.log(line);
if (wrong.length > 0) process.exitCode = 1;

/** `apart`: milliseconds between two runs, which then come in their order. */
async function startAll(soak: SoakHost, apart: number): Promise<void> {
  const place = join(soak.scratch, '../noted');
  mkdirSync(place);
  const checkouts = commits(soak);
  const run = (number: number, more: Record<string, string> = {}, inputs: Record<string, string> = {}) =>
    soak.start({
      cwd: checkouts[number - 1] ?? '',
      inputs: { env: `PLACE=${place}`, timeout: '10m', ...inputs },
      env: more,
    });
  const numbered = (number: number, attempt = 1) => ({
    GITHUB_RUN_NUMBER: String(number),
    GITHUB_RUN_ATTEMPT: String(attempt),
    GITHUB_WORKFLOW_REF: 'octo/soak/.github/workflows/deploy.yml@refs/heads/main',
    GITHUB_REF: 'refs/heads/main',
  });
  const began = performance.now();
  const numbers = Array.from({ length: count }, (_, at) => at + 1);
  const ended = await Promise.all(
    (apart === 0 ? shuffled(numbers) : numbers).map(async (number) => {
      await sleep(number * apart);
      return { number, ...(await run(number, numbered(number)).ended) };
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  const deployed = ended.filter(({ status }) => status === 'deployed');
  const passed = ended.filter(isSuperseded);
  const order = existsSync(join(place, 'order')) ? lines(join(place, 'order')) : [];
  for (const it of ended) {
    const isKnown = it.exitCode === 0 && (it.status === 'deployed' || isSuperseded(it));
    expect(`run ${it.number} ended with ${it.exitCode} and ${it.status}`, isKnown, it.output);
  }
  expect('two deployed at once', !existsSync(join(place, 'overlaps')));
  const ascending = deployed.map(({ number }) => number).sort((a, b) => a - b);
  expect(`deployed in the order ${order}`, order.join() === ascending.join());
  expect('the last commit did not win', (await soak.get()) === String(count));
  const history = lines(join(soak.folder, 'history.ndjson'));
  expect(`the history has ${history.length} lines`, history.length === deployed.length);

  let refusals = 0;
  const refused = async (what: string, of: Promise<Ended>) => {
    const { exitCode, output } = await of;
    const isRefused = exitCode === 1 && output.includes('SUPERSEDED');
    expect(`${what} was not refused`, isRefused, output);
    if (isRefused) refusals += 1;
    expect(`${what} is served`, (await soak.get()) === String(count));
  };
  await refused('an older commit without a number', run(1).ended);
  await refused('an older run started again', run(1, numbered(1, 2)).ended);
  await refused('the commit before the last', run(count - 1).ended);
  const forced = await run(1, {}, { force: 'true' }).ended;
  expect('force did not deploy the older commit', (await soak.get()) === '1', forced.output);
  const again = await run(count, numbered(count)).ended;
  expect('the last commit did not come back', (await soak.get()) === String(count), again.output);
  wrong.push(...leftovers(soak));

  const how = apart === 0 ? `in a random order, seed ${values.seed}` : `one each ${apart} ms`;
  console.log(`runs started at once       ${count} (${how})`);
  console.log(`deployed, one at a time    ${deployed.length}: ${order.join(' ')}`);
  console.log(`superseded while waiting   ${passed.length}`);
  console.log(`lost                       ${count - deployed.length - passed.length}`);
  console.log(`all done after             ${seconds.toFixed(1)} s`);
  console.log(
    `older commits refused      ${refusals} of 3, and deployed by force: ${forced.status === 'deployed'}`,
  );
}

/** A commit for each run, and a checkout of each. */
function commits(soak: SoakHost): string[] {
  return Array.from({ length: count }, (_, at) => {
    soak.release(String(at + 1));
    const checkout = join(soak.top, '..', `checkout-${at + 1}`);
    soak.git('worktree', 'add', '--quiet', '--detach', checkout, 'HEAD');
    return checkout;
  });
}

function isSuperseded({ status, output }: Ended): boolean {
  return status === 'unchanged' && output.includes('SUPERSEDED');
}

function shuffled(numbers: readonly number[]): number[] {
  return numbers
    .map((number) => ({ number, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ number }) => number);
}

function lines(path: string): string[] {
  return readFileSync(path, 'utf8').trim().split('\n');
}
