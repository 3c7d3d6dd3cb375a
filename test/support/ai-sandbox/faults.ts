// Faults of a host: what is broken, and what the script has to say of it everywhere.
import { expect } from '@jest/globals';
import type { Call } from './fixtures.ts';
import type { Host } from './host.ts';

export interface Fault {
  readonly name: string;
  readonly phase: string;
  readonly code: string;
  /** In the message or in what to do. */
  readonly says: RegExp;
  readonly inject: (host: Host) => unknown;
  readonly mend: (host: Host) => unknown;
}

/** A call of this program with all of these words. */
export function when(program: string, ...words: readonly string[]): (call: Call) => boolean {
  return ({ name, args }) => name === program && words.every((word) => args.includes(word));
}

/** The program ends badly when it is called so. */
export function fails(matches: (call: Call) => boolean, output = 'as the test wants it\n') {
  return (host: Host) => {
    host.override = (call) => (matches(call) ? { status: 1, output } : undefined);
  };
}

export function works(host: Host): void {
  host.override = undefined;
}

/** Runs the script with the fault, sees that it ends as it should, and takes the fault away. */
export async function expectFault(host: Host, fault: Fault): Promise<void> {
  const { phase, code, says } = fault;
  await fault.inject(host);
  const before = host.system.exists('/var/log/ai-sandbox/deployment.log') ? host.log().length : 0;
  const run = await host.run();
  const { state, phase: at, phases, error } = host.status();
  expect([run.status, state, at, error?.code]).toEqual([1, 'failed', phase, code]);
  expect(`${error?.message}\n${error?.remedy}`).toMatch(says);

  // What comes before it is done: the fault of the run before has been mended.
  const states = phases.map((it) => it.state);
  const index = phases.findIndex((it) => it.name === phase);
  expect(states.slice(0, index + 1)).toEqual([...Array<string>(index).fill('done'), 'failed']);
  expect(states.slice(index + 1).filter((it) => it !== 'waiting')).toEqual([]);

  for (const text of [host.motd(), host.log().slice(before), run.output]) {
    expect(text).toContain(code);
    expect(text).toContain(error?.message);
    expect(text).toContain(error?.remedy);
  }
  expect(host.motd()).toContain(`FAILED in the phase "${phase}"`);
  expect(host.motd()).toContain('/var/log/ai-sandbox/deployment.log');
  expect(host.motd()).toContain('sudo /opt/ai-sandbox/ai-sandbox.sh');
  expect(host.system.exists('/opt/ai-sandbox/ai-sandbox.sh')).toBe(true);
  // The next start of the machine does not run into it again.
  expect(host.system.exists('/var/lib/ai-sandbox/unfinished')).toBe(false);
  await fault.mend(host);
}

export async function expectReady(host: Host): Promise<void> {
  const run = await host.run();
  expect([run.status, host.status().state, host.status().error]).toEqual([0, 'ready', null]);
  expect(host.motd()).toContain('READY');
}
