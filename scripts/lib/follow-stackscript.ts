// What a StackScript on a host does, for people: node scripts/lib/follow-stackscript.ts MEMORY SECONDS
//
// Reads what `follow` of stackscript-host.sh prints, and says on stderr which phase begins, ends or fails. What has been
// said is kept in the file MEMORY, so that after a cut connection the next call goes on. Gives up after SECONDS.
// Exit 0 when the script has come to its end, 4 when it has failed, 5 when time is up, 75 when the input ended before.
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { formatDuration } from '../../src/core/config/duration.ts';
import { printable } from '../../src/core/names.ts';

/** How long a script that ended well, and not with `ready`, may take to begin again: it restarts its host. */
const restartMs = 120_000;
const reminderMs = 60_000;

interface Phase {
  readonly name: string;
  readonly state: string;
  readonly seconds: number | undefined;
}

interface Status {
  readonly state: string;
  readonly phases: readonly Phase[];
  readonly error: { readonly code: string; readonly message: string; readonly remedy: string } | undefined;
  readonly urls: Readonly<Record<string, unknown>>;
}

const [memory = '', limit = '0'] = process.argv.slice(2);
const told = new Set(remembered());
let current: Status | undefined;
let endedAt: number | undefined;
const startedAt = Date.now();
let spokenAt = startedAt;

const timer = setTimeout(() => end(5, 'It is not ready in time.'), Number(limit) * 1000);
const lines = createInterface({ input: process.stdin });
for await (const line of lines) hear(line);
clearTimeout(timer);
process.exitCode ??= 75;

function hear(line: string): void {
  const [kind = '', ...rest] = line.split(' ');
  const text = rest.join(' ');
  if (kind === 'status') tell(text);
  if (kind === 'ended') ended(text);
  if (kind === 'alive') remind();
}

/** A phase may take long, and a person wonders. */
function remind(): void {
  if (Date.now() - spokenAt < reminderMs) return;
  const phase = current?.phases.find(({ state }) => state === 'running')?.name;
  write(
    `  still ${phase ?? 'without a word'}, ${formatDuration(Math.round((Date.now() - startedAt) / 1000) * 1000)} so far`,
  );
}

function tell(text: string): void {
  const status = statusOf(text);
  // Half written: the next line has all of it.
  if (status === undefined) return;
  current = status;
  for (const { name, state, seconds } of status.phases) {
    const took = seconds === undefined ? '' : ` (${formatDuration(seconds * 1000)})`;
    if (state === 'done') say(`${name}.done`, `  ${name}: done${took}`);
    else if (state === 'failed') say(`${name}.failed`, `  ${name}: FAILED`);
    else if (state === 'running') say(`${name}.running`, `  ${name} ...`);
  }
  if (status.state === 'ready') {
    const urls = Object.entries(status.urls).map(([name, url]) => `  ${name}: ${String(url)}`);
    end(0, ['The sandbox is ready.', ...urls].join('\n'));
  }
  if (status.state === 'failed') {
    const { code, message, remedy } = status.error ?? {
      code: 'FAILED',
      message: 'It says no reason.',
      remedy: '',
    };
    end(4, `${code}: ${message}${remedy === '' ? '' : `\n  ${remedy}`}`);
  }
}

/** The process that was started is over, and its last status is known: it was sent before. */
function ended(exitStatus: string): void {
  endedAt ??= Date.now();
  if (exitStatus !== '0') end(4, `The script ended with status ${exitStatus}, and told no reason.`);
  else if (current === undefined) end(0, 'The script has ended. It writes no status.');
  else if (Date.now() - endedAt > restartMs) end(4, 'The script has ended without becoming ready.');
}

function end(exitCode: number, message: string): void {
  write(message);
  process.exit(exitCode);
}

function say(key: string, message: string): void {
  if (told.has(key)) return;
  told.add(key);
  writeFileSync(memory, JSON.stringify([...told]));
  write(message);
}

function remembered(): string[] {
  try {
    const list: unknown = JSON.parse(readFileSync(memory, 'utf8'));
    return Array.isArray(list) ? list.map(String) : [];
  } catch {
    return [];
  }
}

function statusOf(text: string): Status | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const status = record(value);
  const error = record(status['error']);
  return {
    state: String(status['state']),
    phases: (Array.isArray(status['phases']) ? status['phases'] : []).map(record).map((phase) => ({
      name: String(phase['name']),
      state: String(phase['state']),
      seconds: typeof phase['seconds'] === 'number' ? phase['seconds'] : undefined,
    })),
    error:
      status['error'] === null || status['error'] === undefined
        ? undefined
        : {
            code: String(error['code']),
            message: String(error['message']),
            remedy: String(error['remedy'] ?? ''),
          },
    urls: record(status['urls']),
  };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** The host's own words: nothing in them may steer the terminal. */
function write(text: string): void {
  spokenAt = Date.now();
  process.stderr.write(
    `${text
      .split('\n')
      .map((line) => printable(line, 1000))
      .join('\n')}\n`,
  );
}
