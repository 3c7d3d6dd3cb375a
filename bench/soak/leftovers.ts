import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SoakHost } from './host.ts';
import { processesOf } from './processes.ts';

/** What is there and should not be once a normal deployment has followed a kill. */
export function leftovers(host: SoakHost): string[] {
  const { service, folder, scratch, docker } = host;
  const wanted = host.containers.map((name) => `${service}-${name} running`);
  const ofProject = ['--filter', `label=com.docker.compose.project=${service}`];
  const containers = lines(docker('ps', '--all', '--format', '{{.Names}} {{.State}}', ...ofProject));
  const copies = lines(
    docker('ps', '--all', '--format', '{{.Names}}', '--filter', `label=launch.kept.project=${service}`),
  );
  const networks = lines(docker('network', 'ls', '--format', '{{.Name}}', ...ofProject));
  const releases = readdirSync(join(folder, 'releases')).filter((id) => {
    const record = join(folder, 'releases', id, 'release.json');
    return !existsSync(record) || JSON.parse(readFileSync(record, 'utf8')).status === 'prepared';
  });
  const drafts = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /(\.new(\/|$)|\.reserve$|\.index$|\.lock$|guardian\.log$|^journal$)/.test(name),
  );
  return [
    ...containers.filter((it) => !wanted.includes(it)).map((it) => `container ${it}`),
    ...copies.map((it) => `copy ${it}`),
    ...networks.filter((it) => it !== `${service}_default`).map((it) => `network ${it}`),
    ...releases.map((it) => `unfinished release ${it}`),
    ...drafts.map((it) => `file ${it}`),
    ...readdirSync(join(folder, 'queue'))
      .filter((it) => it !== 'counter')
      .map((it) => `ticket ${it}`),
    ...readdirSync(scratch).map((it) => `temporary file ${it}`),
    ...processesOf(folder).map(({ command }) => `process ${command}`),
  ];
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
