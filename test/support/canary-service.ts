// A service that is given canaries and does all it can to spill them, and a search of every place where one may
// have got to.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { canaryNames, traceFinder } from './canaries.ts';
import { containersOf, type DeployHost, docker, filesBelow } from './deploy-host.ts';
import type { Files } from './repository.ts';
import type { ActionResult } from './run-action.ts';
import { shownLog, withoutMasks } from './runner-masking.ts';

/** Prints what it was given in every way that comes to hand. */
const spill = `#!/usr/bin/env bash
set -uo pipefail
env
declare -p
for name in ${canaryNames.join(' ')}; do
  value=\${!name-}
  printf '%q\\n' "$value"
  printf '%s' "$value" | base64 -w0; echo
  printf 'user:%s' "$value" | base64 -w0; echo
  [[ $name == BIG ]] || (set -x; : "$value")
done
NODE_OPTIONS= ${process.execPath} -e '
  const { inspect } = require("node:util");
  const given = Object.entries(process.env).filter(([name]) => "${canaryNames.join(' ')}".split(" ").includes(name));
  console.log(JSON.stringify(given));
  for (const [name, value] of given) {
    console.error(inspect(value, { maxStringLength: null }));
    console.log("?" + new URLSearchParams({ [name]: value }) + "&" + encodeURIComponent(value));
  }
'
`;

/** Lines of 16 KiB and more are kept in parts by the engine: the last ones may begin within one. */
const print = 'env; for i in 1 2 3 4 5 6 7 8; do echo "long $BIG"; done; env | base64 -w0; echo';

export interface CanaryService {
  /** Indented as keys of the container `web`. */
  readonly web?: string;
  readonly health?: string;
  /** Appended to each script. */
  readonly hook?: string;
  readonly check?: string;
  readonly page?: string;
}

/** Two containers that are given every name, in both ways that compose has for it; one of them is built. */
export function canaryService(port: number, changes: CanaryService = {}): Files {
  const listed = JSON.stringify(canaryNames);
  const mapped = canaryNames.map((name) => `      ${name}: "\${${name}}"\n`).join('');
  const script = (end: string) => ({ executable: `${spill}${end}\n` });
  return {
    'compose.yml': `services:
  web:
    image: launch-test/nginx:1
    environment: ${listed}
    ports: ["127.0.0.1:${port}:80"]
    stop_grace_period: 1s
    entrypoint: ["sh", "-c", ${JSON.stringify(`${print}; env >/usr/share/nginx/html/env; exec nginx`).replaceAll('$', () => '$$')}]
${changes.web ?? ''}  app:
    build: { context: ., network: none }
    stop_grace_period: 1s
    environment:
      PAGE: "${changes.page ?? 'first'}"
${mapped}`,
    Dockerfile: 'FROM launch-test/app:1\nRUN env\n',
    'service.yml': `secrets: ${listed}
hooks: { build: ./spill.sh, pre-deploy: ./spill.sh, post-deploy: ./hook.sh }
health: [${changes.health ?? `{ http: "http://127.0.0.1:${port}/", timeout: 20s, interval: 100ms }`}]
`,
    'spill.sh': script(changes.hook ?? ''),
    'hook.sh': script(changes.hook ?? ''),
    'health-check.sh': script(changes.check ?? ''),
  };
}

/** What the containers have in their environment, by container and name; no name that was not asked for. */
export function given(host: DeployHost): Record<string, Record<string, string>> {
  const found = Object.entries(containersOf(host.service)).map(([container, { env }]) => {
    const entries = env.map((line) => [line.replace(/=[\s\S]*$/, ''), line.replace(/^[^=]*=/, '')] as const);
    return [
      container,
      Object.fromEntries(entries.filter(([name = '']) => canaryNames.includes(name))),
    ] as const;
  });
  return Object.fromEntries(found);
}

/** Where canaries are that may be in the environment of containers alone. */
export function findCanaries(
  host: DeployHost,
  cores: readonly string[],
  scratch: readonly string[],
): string[] {
  const find = traceFinder(cores);
  const inFiles = [host.stateDir, ...scratch].flatMap((folder) =>
    [...filesBelow(folder)].flatMap(([path, text]) => find(text).map((it) => `${path}: ${it}`)),
  );
  const inEngine = describedByEngine(host).flatMap(([what, text]) =>
    find(text).map((it) => `${what}: ${it}`),
  );
  return [...inFiles, ...inEngine, ...inSharedFolders(find)];
}

/** What one run of an action said and wrote: nothing of it may show a canary, even before the runner masks it. */
export function findInRun(run: ActionResult, cores: readonly string[]): string[] {
  const find = traceFinder(cores);
  const { stdout, stderr, summary, outputs, state, exported, annotations, temp } = run;
  const said: Record<string, string> = {
    'the log as it is shown': latin1(shownLog(`${stdout}\n${stderr}`)),
    'the log before it is masked': latin1(withoutMasks(stdout)),
    stderr: latin1(stderr),
    'the summary': latin1(summary),
    'the outputs, the state and exported variables': latin1(JSON.stringify([outputs, state, exported])),
    'the annotations': latin1(JSON.stringify(annotations)),
    "the runner's own files": [...filesBelow(dirname(temp)).values()].join('\n'),
  };
  return Object.entries(said).flatMap(([where, text]) => find(text).map((it) => `${where}: ${it}`));
}

export function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** What the engine tells of everything that belongs to the service, but for the environment of its containers. */
function describedByEngine({ service }: DeployHost): [string, string][] {
  const list = (...args: string[]) =>
    docker(...args)
      .split('\n')
      .filter((line) => line !== '');
  const labels = [`com.docker.compose.project=${service}`, `launch.kept.project=${service}`];
  const containers = labels.flatMap((label) => list('ps', '--all', '--quiet', '--filter', `label=${label}`));
  const images = new Set<string>();
  const described = containers.flatMap((id): [string, string][] => {
    // A guardian may be removing its copies right now.
    const [container] = inspect(id);
    if (container === undefined) return [];
    images.add(container.Image);
    const { Env: _env, ...config } = container.Config;
    return [[`container ${container.Name}`, JSON.stringify({ ...container, Config: config })]];
  });
  const ofProject = ['--quiet', '--filter', `label=${labels[0]}`];
  const others = [...list('network', 'ls', ...ofProject), ...list('volume', 'ls', ...ofProject)];
  return [
    ...described,
    ...[...images].flatMap((image): [string, string][] => [
      [`image ${image}`, docker('image', 'inspect', image)],
      [`history of ${image}`, docker('history', '--no-trunc', image)],
    ]),
    ...others.map((id): [string, string] => [`network or volume ${id}`, docker('inspect', id)]),
  ];
}

function inspect(id: string) {
  try {
    return JSON.parse(docker('inspect', id));
  } catch {
    return [];
  }
}

/** Files that came up lately where every program may write; not the engine's own (runc notes what it starts there). */
function inSharedFolders(find: (text: string) => string[]): string[] {
  const since = Date.now() - 120_000;
  return [tmpdir(), '/tmp', '/dev/shm'].flatMap((folder) =>
    readdirSync(folder).flatMap((name) => {
      if (name.startsWith('runc-process')) return [];
      const path = join(folder, name);
      try {
        const stat = statSync(path);
        if (!stat.isFile() || stat.mtimeMs < since || stat.size > 1024 * 1024) return [];
        return find(readFileSync(path, 'latin1')).map((it) => `${path}: ${it}`);
      } catch {
        return [];
      }
    }),
  );
}
