/** Ctrl-C, a polite kill, and a terminal that is gone. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What the entry files of `dist/` collect while the rest of Launch is still being loaded. */
export interface EarlySignals {
  readonly came: readonly NodeJS.Signals[];
  readonly note: (signal: NodeJS.Signals) => void;
}

const controller = new AbortController();
const children = new Set<number>();
let isHeard = false;
/** Set as long as nothing has been begun: tells that it was cancelled. */
let endAtOnce: (() => void) | undefined;
let secondEnds = false;

/**
 * Hears the signals from now on. Until `interruption` is called the first one ends the process: `tell` says so, and
 * the exit status is 1.
 */
export function hearSignals(tell: () => void, early?: EarlySignals): void {
  endAtOnce = () => {
    tell();
    endChildren();
    process.exit(1);
  };
  listen();
  if (early === undefined) return;
  for (const signal of signals) process.removeListener(signal, early.note);
  if (early.came.length > 0) endAtOnce();
}

/** What an entry file has noted is left to Node again: a command that may be ended at any moment. */
export function leaveSignals({ came, note }: EarlySignals): void {
  for (const signal of signals) process.removeListener(signal, note);
  if (came[0] !== undefined) process.kill(process.pid, came[0]);
}

/**
 * Aborted by the first signal from now on: what was begun is to be ended in good order. `onSecond`: a second Ctrl-C or
 * kill is ignored, or ends the process as it would have without Launch; its guardian then does the rest.
 */
export function interruption(onSecond: 'ignore' | 'end'): AbortSignal {
  endAtOnce = undefined;
  secondEnds = onSecond === 'end';
  listen();
  return controller.signal;
}

/** Whether a signal came after something was begun. */
export function interrupted(): AbortSignal {
  return controller.signal;
}

/**
 * For `spawn`: a terminal sends Ctrl-C to its whole process group. What it means for a child is decided here, so that
 * none ends of itself and looks like a fault.
 */
export function ownGroup(): { readonly detached?: true } {
  return isHeard ? { detached: true } : {};
}

/** Has a child that was started with `ownGroup` end with this process; to be called back when it has ended. */
export function endWithUs(pid: number | undefined): () => void {
  if (!isHeard || pid === undefined) return () => {};
  children.add(pid);
  return () => void children.delete(pid);
}

function listen(): void {
  if (isHeard) return;
  isHeard = true;
  // Not `once`: packages that clean up at a signal end the process when they are the only ones left to hear it.
  for (const signal of signals) process.on(signal, heard);
}

function heard(signal: NodeJS.Signals): void {
  if (endAtOnce !== undefined) {
    endAtOnce();
  } else if (!controller.signal.aborted) {
    controller.abort();
  } else if (secondEnds && signal !== 'SIGHUP') {
    // A terminal that closes may hang up twice.
    endChildren();
    for (const it of signals) process.removeListener(it, heard);
    process.kill(process.pid, signal);
  }
}

function endChildren(): void {
  for (const pid of children) {
    try {
      process.kill(-pid, 'SIGTERM');
    } catch {
      // It has ended already.
    }
  }
}
