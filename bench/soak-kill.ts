// Deployments that are killed at random moments, each followed by a normal one: what serves
// afterwards, what is left lying about, and whether anybody had to lend a hand.
//
// Usage: node bench/soak-kill.ts [--count 500] [--seed <n>] [--verbose]
//
// A third of the kills ends the deployment alone, a third its guardian as well, a third
// everything that it has started. Exit 1 when a service was lost or something was left.
// Needs a Docker engine and the image launch-test/nginx:1 (scripts/stand-in-images.sh), and
// runs what ships: dist/.
import { parseArgs } from 'node:util';
import { median } from './interleaved.ts';
import { prepareSoak, type SoakHost } from './soak/host.ts';
import { endAtRandom, type KillMode, killModes } from './soak/kill.ts';
import { leftovers } from './soak/leftovers.ts';
import { randomFrom } from './soak/random.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '500' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    verbose: { type: 'boolean', default: false },
  },
});
const count = Number(values.count);
const random = randomFrom(Number(values.seed));

type Fault = 'lost' | 'manual' | 'left';

interface Tally {
  readonly faults: Fault[];
  /** Of kills that left the guardian alive: how long until the lock was free again. */
  guardianMs: number[];
  outcomes: Map<string, number>;
}

const host = await prepareSoak();
try {
  await main(host);
} finally {
  host.remove();
}

async function main(soak: SoakHost): Promise<void> {
  const tally: Tally = { faults: [], guardianMs: [], outcomes: new Map() };
  soak.release('page 0');
  const whole = await soak.deploy();
  if (whole.exitCode !== 0) throw new Error(`the first deployment failed:\n${whole.output}`);
  soak.release('page 1');
  const { ms } = await soak.deploy();
  console.error(`seed ${values.seed}; a deployment takes ${ms.toFixed(0)} ms`);
  for (let turn = 1; turn <= count; turn += 1) {
    await killOnce(soak, tally, turn, ms);
    if (turn % 25 === 0) console.error(`${turn} of ${count}: ${summary(tally)}`);
  }
  console.log(`killed deployments         ${count} (seed ${values.seed})`);
  console.log(`lost services              ${times(tally, 'lost')}`);
  console.log(`manual steps               ${times(tally, 'manual')}`);
  console.log(`leftovers                  ${times(tally, 'left')}`);
  if (tally.guardianMs.length > 0) {
    console.log(
      `lock free after the kill   ${median(tally.guardianMs).toFixed(0)} ms (median), ${Math.max(...tally.guardianMs).toFixed(0)} ms (most), guardian alive`,
    );
  }
  for (const [outcome, seen] of [...tally.outcomes].sort()) console.log(`  ${outcome.padEnd(24)} ${seen}`);
  if (tally.faults.length > 0) process.exitCode = 1;
}

async function killOnce(soak: SoakHost, tally: Tally, turn: number, ms: number): Promise<void> {
  const mode: KillMode = killModes[Math.floor(random() * killModes.length)] ?? 'deployer';
  const old = await soak.get();
  const fresh = `turn ${turn}`;
  soak.release(fresh);
  const after = Math.floor(random() * ms * 1.1);
  const where = `turn ${turn} (${mode}, ${after} ms)`;
  // Told at once: 500 turns take half an hour.
  const fault = (kind: Fault, what: string) => {
    tally.faults.push(kind);
    console.error(`${where}: ${what}`);
  };
  await endAtRandom(soak, mode, after);
  if (mode === 'deployer') {
    const began = performance.now();
    await soak.untilFree();
    tally.guardianMs.push(performance.now() - began);
    const served = await soak.get();
    if (served !== old && served !== fresh) fault('lost', `without another run "${served}" is served`);
  }
  // The same commit again, or the next one.
  const next = random() < 0.5 ? fresh : `after turn ${turn}`;
  soak.release(next);
  const { exitCode, output, status } = await soak.deploy();
  if (exitCode !== 0) fault('manual', `the next deployment failed:\n${output}`);
  const served = await soak.get();
  if (served !== next) fault('lost', `then "${served}" is served, not "${next}"\n${output}`);
  const outcome = `${recovery(output)}, ${status}`;
  tally.outcomes.set(outcome, (tally.outcomes.get(outcome) ?? 0) + 1);
  if (values.verbose) console.error(`${where}: ${outcome}`);
  for (const it of leftovers(soak)) fault('left', it);
}

function recovery(output: string): string {
  if (output.includes('it is taken back')) return 'taken back';
  if (output.includes('was being taken back')) return 'taken back';
  if (output.includes('it stays')) return 'finished';
  return output.includes('it is dropped') ? 'dropped' : 'nothing to do';
}

function summary(tally: Tally): string {
  return `${times(tally, 'lost')} lost, ${times(tally, 'manual')} manual steps, ${times(tally, 'left')} leftovers`;
}

function times({ faults }: Tally, kind: Fault): number {
  return faults.filter((it) => it === kind).length;
}
