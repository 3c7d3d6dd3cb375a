import { link, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { flock, openForLock } from './flock.ts';
import { onDisk } from './on-disk.ts';

export interface TurnRequest {
  /** The folder of the queue; made when absent. */
  readonly folder: string;
  readonly mode: number;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** A place in the queue. */
export interface Turn {
  /** Whether everybody who came earlier has had a turn or is gone; false when the signal came first. */
  readonly come: boolean;
  /** How many were before us when we came. */
  readonly before: number;
  leave(): Promise<void>;
}

/**
 * Waits until everybody who came earlier is through. The kernel wakes all who wait for one lock at once and the
 * quickest gets it; here each waits for its predecessor's ticket instead, so that the order is that of arrival.
 * A ticket is a locked file: it is given up when its owner dies, however that happens.
 */
export async function takeTurn(request: TurnRequest): Promise<Turn> {
  const { folder, mode, env, signal } = request;
  await onDisk(folder, async () => await mkdir(folder, { recursive: true, mode: mode | folderBits(mode) }));
  const { number, ticket, before } = await drawTicket(request);
  const leave = async () => {
    await rm(join(folder, number), { force: true });
    await ticket.close();
  };
  for (;;) {
    const earlier = (await ticketsIn(folder)).filter((name) => name < number).at(-1);
    if (earlier === undefined) return { come: true, before, leave };
    const file = await openForLock(join(folder, earlier), mode);
    try {
      const outcome = await flock(file, { wait: true, env, signal });
      if (outcome === 'cut-off') return { come: false, before, leave };
      // Its owner is through, or has died and could not take it away.
      await rm(join(folder, earlier), { force: true });
    } finally {
      await file.close();
    }
  }
}

/** Numbers are given out one at a time, and a ticket appears under its number only when it is locked. */
async function drawTicket({ folder, mode, env }: TurnRequest) {
  const counter = await openForLock(join(folder, 'counter'), mode);
  try {
    await flock(counter, { wait: true, env });
    const known = await ticketsIn(folder);
    const number = String(Number(known.at(-1) ?? 0) + 1).padStart(9, '0');
    const draft = join(folder, 'ticket.new');
    await rm(draft, { force: true });
    const ticket = await openForLock(draft, mode);
    await flock(ticket, { wait: false, env });
    await onDisk(folder, async () => await link(draft, join(folder, number)));
    await rm(draft, { force: true });
    return { number, ticket, before: known.length };
  } finally {
    await counter.close();
  }
}

/** In the order in which they were drawn. */
async function ticketsIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => /^\d{9}$/.test(name)).sort();
}

function folderBits(mode: number): number {
  return mode === 0o660 ? 0o2110 : 0o100;
}
