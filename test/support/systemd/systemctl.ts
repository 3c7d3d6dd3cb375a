// Stands in for `systemctl` and `journalctl`, because no systemd runs where the tests do. It knows the calls that
// Launch makes and refuses all others, reads units as systemd does (at `daemon-reload` only), and really starts what
// `ExecStart` says, with the credentials of the unit. The folder in FAKE_SYSTEMD holds what it knows.
import { spawn } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

interface Known {
  /** What systemd has read, by unit. */
  loaded: Record<string, string>;
  enabled: string[];
  pids: Record<string, number>;
}

const folder = process.env['FAKE_SYSTEMD'] ?? '';
const units = process.env['FAKE_SYSTEMD_UNITS'] ?? '';
const [program = '', ...args] = process.argv.slice(2);
appendFileSync(join(folder, 'calls'), `${[program, ...args].join(' ')}\n`);

const stateFile = join(folder, 'state.json');
const known: Known = existsSync(stateFile)
  ? JSON.parse(readFileSync(stateFile, 'utf8'))
  : { loaded: {}, enabled: [], pids: {} };

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

const fileOf = (unit: string) => join(units, unit);
const textOf = (unit: string) => (existsSync(fileOf(unit)) ? readFileSync(fileOf(unit), 'utf8') : undefined);

function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    // A process that has ended and that nobody waits for is no running one.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

function valuesOf(text: string, key: string): string[] {
  return Array.from(text.matchAll(new RegExp(`^${key}=(.*)$`, 'gm')), ([, value = '']) => value);
}

function stop(unit: string): void {
  const pid = known.pids[unit];
  if (pid !== undefined && isAlive(pid)) process.kill(-pid, 'SIGTERM');
  delete known.pids[unit];
}

function start(unit: string): void {
  const text = known.loaded[unit];
  if (text === undefined) fail(`Failed to restart ${unit}: Unit ${unit} not found.`);
  const credentials = join(folder, 'credentials', unit);
  rmSync(credentials, { recursive: true, force: true });
  mkdirSync(credentials, { recursive: true, mode: 0o700 });
  for (const credential of valuesOf(text, 'LoadCredential')) {
    const [name = '', source = ''] = credential.split(':');
    if ((statSync(source).mode & 0o777) !== 0o600) fail(`${source} is not for root alone`);
    copyFileSync(source, join(credentials, name));
  }
  const [command = '', ...rest] = (valuesOf(text, 'ExecStart')[0] ?? '').split(' ');
  const log = openSync(join(folder, `${unit}.log`), 'a');
  const child = spawn(
    command,
    rest.map((arg) => arg.replace(`\${CREDENTIALS_DIRECTORY}`, credentials)),
    {
      // What systemd gives to a service, and nothing of the caller's.
      env: {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        CREDENTIALS_DIRECTORY: credentials,
      },
      cwd: '/',
      detached: true,
      stdio: ['ignore', log, log],
    },
  );
  if (child.pid === undefined) fail(`Job for ${unit} failed.`);
  known.pids[unit] = child.pid;
  child.unref();
}

function show(properties: string, unit: string): void {
  const values: Record<string, string> = {
    LoadState: known.loaded[unit] === undefined ? 'not-found' : 'loaded',
    ActiveState: isAlive(known.pids[unit]) ? 'active' : 'inactive',
    UnitFileState: textOf(unit) === undefined ? '' : known.enabled.includes(unit) ? 'enabled' : 'disabled',
    NeedDaemonReload: known.loaded[unit] === textOf(unit) ? 'no' : 'yes',
  };
  for (const name of properties.split(',')) process.stdout.write(`${name}=${values[name] ?? ''}\n`);
}

const [verb = '', first = '', second = '', third] = args;
const isUnit = (name: string) => /^launch-tunnel-[a-z0-9-]+\.service$/.test(name);
if (program === 'journalctl') {
  const unit = verb.replace('--unit=', '');
  if (!isUnit(unit) || args.slice(1).join(' ') !== '--lines=20 --no-pager --output=cat')
    fail('unknown arguments');
  const log = join(folder, `${unit}.log`);
  process.stdout.write(existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(-21).join('\n') : '');
} else if (verb === 'show' && first.startsWith('--property=') && isUnit(second) && third === undefined) {
  show(first.slice('--property='.length), second);
} else if (verb === 'daemon-reload' && first === '') {
  known.loaded = {};
  for (const unit of readdirSync(units).filter(isUnit)) known.loaded[unit] = textOf(unit) ?? '';
} else if (verb === 'enable' && isUnit(first) && second === '') {
  if (known.loaded[first] === undefined) fail(`Failed to enable unit: Unit file ${first} does not exist.`);
  if (valuesOf(known.loaded[first], 'WantedBy').length === 0) fail('The unit has no installation config');
  known.enabled = [...new Set([...known.enabled, first])];
} else if (verb === 'restart' && isUnit(first) && second === '') {
  stop(first);
  start(first);
} else if (verb === 'disable' && first === '--now' && isUnit(second)) {
  if (textOf(second) === undefined) fail(`Failed to disable unit: Unit file ${second} does not exist.`);
  stop(second);
  known.enabled = known.enabled.filter((unit) => unit !== second);
} else {
  fail(`Unknown command verb: ${args.join(' ')}`);
}
writeFileSync(stateFile, JSON.stringify(known));
