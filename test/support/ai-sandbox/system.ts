// A Debian-like system for the script to work on: this machine's /usr in a root of its own, with a mount namespace that
// lasts as long as the test, so that files can be laid over those of the kernel.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '../repository.ts';
import { ROOT } from '../source-tree.ts';

export interface Run {
  readonly status: number | null;
  readonly signal: string | null;
  readonly output: string;
}
export interface System {
  readonly root: string;
  /** Where the script lies, as a StackScript does. */
  readonly script: string;
  file(path: string): string;
  exists(path: string): boolean;
  write(path: string, content: string): void;
  remove(path: string): void;
  /** Lays a file system of so many bytes over a folder. */
  limitSpace(path: string, bytes: number): void;
  inside(...command: string[]): string;
  start(env: Readonly<Record<string, string>>, ...args: string[]): ChildProcess;
  run(env: Readonly<Record<string, string>>, ...args: string[]): Promise<Run>;
  close(): void;
}

const script = '/root/StackScript';
/** As a machine has it, with every name that a script which reads it may trip over. */
const osRelease = `PRETTY_NAME="Ubuntu 24.04.3 LTS"
NAME="Ubuntu"
VERSION_ID="24.04"
VERSION="24.04.3 LTS (Noble Numbat)"
VERSION_CODENAME=noble
ID=ubuntu
ID_LIKE=debian
HOME_URL="https://www.ubuntu.com/"
SUPPORT_URL="https://help.ubuntu.com/"
BUG_REPORT_URL="https://bugs.launchpad.net/ubuntu/"
PRIVACY_POLICY_URL="https://www.ubuntu.com/legal/terms-and-policies/privacy-policy"
UBUNTU_CODENAME=noble
LOGO=ubuntu-logo
`;
const engineSocket = '/var/run/docker.sock';

/** @param engine whether it has this machine's Docker Engine, and paths that mean the same to both. */
export async function createSystem(engine = false): Promise<System> {
  const root = temporaryFolder('launch-sandbox-');
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  for (const folder of [
    'usr',
    'proc',
    'dev',
    'etc/systemd/system',
    'opt',
    'run/systemd/system',
    'tmp',
    'var/lib',
    'var/log',
    'root',
    'laid',
  ]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  for (const link of ['bin', 'sbin', 'lib', 'lib64']) {
    if (existsSync(`/${link}`)) symlinkSync(`usr/${link}`, join(root, link));
  }
  cpSync('/etc/alternatives', join(root, 'etc/alternatives'), { recursive: true, verbatimSymlinks: true });
  write('/etc/os-release', osRelease);
  write('/etc/passwd', 'root:x:0:0:root:/root:/bin/bash\n');
  write('/etc/motd', 'Welcome to Ubuntu\n');
  write('/sys/bus/pci/devices/0000:00:01.0/vendor', '0x8086\n');
  write('/sys/bus/pci/devices/0000:00:01.0/class', '0x060400\n');
  write('/sys/bus/pci/devices/0000:00:02.0/vendor', '0x10de\n');
  write('/sys/bus/pci/devices/0000:00:02.0/class', '0x030000\n');
  write('/laid/meminfo', 'MemTotal:       16373352 kB\n');
  write('/laid/boot_id', 'boot-1\n');
  copyFileSync(join(ROOT, 'stackscripts/ai-sandbox.sh'), join(root, script));
  chmodSync(join(root, script), 0o755);

  if (engine) lendEngine(root);
  const mounts = [
    ...['usr', 'proc', 'dev'].map((name) => `mount --rbind /${name} ${root}/${name}`),
    `mount --bind ${root}/laid/meminfo ${root}/proc/meminfo`,
    `mount --bind ${root}/laid/boot_id ${root}/proc/sys/kernel/random/boot_id`,
    ...(engine ? [`mount --bind ${engineSocket} ${root}/run/docker.sock`] : []),
  ];
  const holder = spawn(
    'unshare',
    ['--mount', '--propagation', 'private', 'sh', '-ec', `${mounts.join('\n')}\necho up\nexec sleep 3600`],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  if (holder.stdout === null) throw new Error('no pipe');
  await once(holder.stdout, 'data');
  const enter = ['--target', String(holder.pid), '--mount', '--'];

  const start = (env: Readonly<Record<string, string>>, ...args: string[]) =>
    spawn(
      'nsenter',
      [
        ...enter,
        'chroot',
        root,
        '/usr/bin/env',
        '-i',
        ...Object.entries(env).map(([k, v]) => `${k}=${v}`),
        ...args,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
  return {
    root,
    script,
    start,
    write,
    file: (path) => readFileSync(join(root, path), 'utf8'),
    exists: (path) => existsSync(join(root, path)),
    remove: (path) => rmSync(join(root, path), { recursive: true, force: true }),
    limitSpace(path, bytes) {
      mkdirSync(join(root, path), { recursive: true });
      execFileSync('nsenter', [
        ...enter,
        'mount',
        '-t',
        'tmpfs',
        '-o',
        `size=${bytes}`,
        'tmpfs',
        join(root, path),
      ]);
    },
    inside: (...command) =>
      execFileSync('nsenter', [...enter, 'chroot', root, ...command], { encoding: 'utf8' }),
    async run(env, ...args) {
      const child = start(env, ...args);
      let output = '';
      child.stdout?.on('data', (chunk) => {
        output += chunk;
      });
      child.stderr?.on('data', (chunk) => {
        output += chunk;
      });
      const [status, signal] = await once(child, 'close');
      return { status, signal, output };
    },
    close() {
      holder.kill('SIGKILL');
    },
  };
}

function lendEngine(root: string): void {
  const plugins = '{{range .ClientInfo.Plugins}}{{if eq .Name "compose"}}{{.Path}}{{end}}{{end}}';
  const compose = execFileSync('docker', ['info', '--format', plugins], { encoding: 'utf8' }).trim();
  const folder = join(root, 'root/.docker/cli-plugins');
  mkdirSync(folder, { recursive: true });
  copyFileSync(compose, join(folder, 'docker-compose'));
  writeFileSync(join(root, 'run/docker.sock'), '');
  symlinkSync('/run', join(root, 'var/run'));
  // What the engine is told to mount lies at the same path for it and for the script.
  mkdirSync(dirname(join(root, root)), { recursive: true });
  symlinkSync('/', join(root, root));
}
