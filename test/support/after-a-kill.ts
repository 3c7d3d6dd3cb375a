// What must hold once a killed deployment was followed by a normal one.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeployHost } from './deploy-host.ts';

/** Everything that is there and should not be, one line for each; empty when all is well. */
export function remains(host: DeployHost, replicas = 1): string[] {
  const { service, folder, docker } = host;
  const list = (...args: string[]) => lines(docker(...args)).map((it) => `${args[0]} ${it}`);
  const ofProject = ['--filter', `label=com.docker.compose.project=${service}`];
  const all = lines(docker('ps', '--all', '--format', '{{.Names}} {{.State}}', ...ofProject));
  const isWeb = (it: string) => new RegExp(`^${service}-web-\\d+ running$`).test(it);
  const containers = all.filter((it) => !isWeb(it) && it !== `${service}-app-1 running`);
  const count = all.filter(isWeb).length;
  return [
    ...(count === replicas ? [] : [`${count} containers where ${replicas} should be`]),
    ...containers.map((it) => `container ${it}`),
    ...list('ps', '--all', '--format', '{{.Names}}', '--filter', `label=launch.kept.project=${service}`),
    ...lines(docker('network', 'ls', '--format', '{{.Name}}', ...ofProject))
      .filter((it) => it !== `${service}_default`)
      .map((it) => `network ${it}`),
    ...stateRemains(folder),
    ...processes(folder),
  ];
}

function stateRemains(folder: string): string[] {
  const known = new Set([
    'releases',
    'mounts',
    'data',
    'current',
    'history.ndjson',
    'lock',
    'queue',
    'newest',
  ]);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const top = readdirSync(folder).filter((name) => !known.has(name));
  const drafts = names.filter((name) =>
    /(\.new$|\.new\/|\.reserve$|\.index$|\.lock$|guardian\.log$)/.test(name),
  );
  const queue = readdirSync(join(folder, 'queue')).filter((name) => name !== 'counter');
  const releases = readdirSync(join(folder, 'releases')).filter((id) => {
    const record = join(folder, 'releases', id, 'release.json');
    return !existsSync(record) || JSON.parse(readFileSync(record, 'utf8')).status === 'prepared';
  });
  return [
    ...[...top, ...drafts].map((it) => `file ${it}`),
    ...queue.map((it) => `ticket ${it}`),
    ...releases.map((it) => `unfinished release ${it}`),
    ...(readFileSync(join(folder, 'lock'), 'utf8') === '' ? [] : ['a name on the lock']),
  ];
}

/** Processes that work in the state folder or were told of it. */
function processes(folder: string): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      const environ = readFileSync(`/proc/${pid}/environ`, 'utf8');
      return command.includes(folder) || environ.includes(folder) ? [`process ${command}`] : [];
    } catch {
      return [];
    }
  });
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
