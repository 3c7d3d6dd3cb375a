// A host for the StackScript: a system of its own whose programs are fixtures. They behave as those of a fresh machine with
// a GPU do, and each can be made to fail.

import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { freePort } from '../local-server.ts';
import { toolPath } from '../tools.ts';
import { type Answer, type Call, installFixtures } from './fixtures.ts';
import { type Hub, modelId, startHub } from './hub.ts';
import { openWebUi } from './open-webui.ts';
import { createSystem, type Run, type System } from './system.ts';
import { vllm } from './vllm.ts';

const programs = [
  'apt-get',
  'docker',
  'dpkg',
  'iptables',
  'iptables-restore',
  'modprobe',
  'nvidia-ctk',
  'nvidia-smi',
  'systemctl',
  'ubuntu-drivers',
] as const;

export interface Status {
  readonly state: 'running' | 'ready' | 'failed';
  readonly phase: string;
  readonly phases: readonly { readonly name: string; readonly state: string; readonly seconds: number }[];
  readonly error: { readonly code: string; readonly message: string; readonly remedy: string } | null;
  readonly urls: { readonly ui: string; readonly api: string };
  readonly model: string;
}
export interface Host {
  readonly system: System;
  readonly hub: Hub;
  readonly calls: Call[];
  readonly ports: { readonly ui: number; readonly api: number };
  /** What is there; the fixtures change it as the programs do. */
  readonly machine: {
    driver: boolean;
    loadable: boolean;
    docker: boolean;
    toolkit: boolean;
    up: boolean;
    /** How long vLLM loads its model, in milliseconds; until then the gate finds nobody behind it. */
    loadsMs: number;
    gpuMib: number;
  };
  /** Answers in place of a program, when it gives one. */
  override: ((call: Call) => Answer | undefined) | undefined;
  env: Record<string, string>;
  /** Runs the script: as a StackScript, or with these arguments. */
  run(...args: string[]): Promise<Run>;
  /** The commands of a program, as lines. */
  commands(name: (typeof programs)[number]): string[];
  status(): Status;
  motd(): string;
  log(): string;
  secret(name: string): string;
  close(): Promise<void>;
}

/** @param engine whether docker is the real one, of which only the runtime of NVIDIA is made up. */
export async function createHost(engine = false): Promise<Host> {
  const system = await createSystem(engine);
  const hub = await startHub();
  const ports = { ui: await freePort(), api: await freePort() };
  const calls: Call[] = [];
  const machine: Host['machine'] = {
    driver: false,
    loadable: true,
    docker: false,
    toolkit: false,
    up: false,
    loadsMs: 0,
    gpuMib: 20_475,
  };
  let servers: Server[] = [];

  const stop = async () => {
    for (const server of servers) {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
    servers = [];
    machine.up = false;
  };
  const up = async () => {
    if (machine.up) return;
    mkdirSync(join(system.root, 'opt/open-webui'), { recursive: true });
    const apiKey = host.secret('VLLM_API_KEY');
    const model = host.secret('MODEL_ID');
    const api = vllm({ model, apiKey, maxNumSeqs: 1 });
    const loadedAt = Date.now() + machine.loadsMs;
    const ui = openWebUi({
      dataFolder: join(system.root, 'opt/open-webui'),
      adminEmail: host.secret('WEBUI_ADMIN_EMAIL'),
      adminPassword: host.secret('WEBUI_ADMIN_PASSWORD'),
      secretKey: host.secret('WEBUI_SECRET_KEY'),
      apiBaseUrl: `http://127.0.0.1:${ports.api}/v1`,
      apiKey,
    });
    servers = [
      createServer((request, response) => {
        if (request.url?.startsWith('/v1/') && Date.now() < loadedAt) response.writeHead(502).end();
        else if (request.url?.startsWith('/v1/')) api(request, response);
        else response.writeHead(404).end();
      }).listen(ports.api, '127.0.0.1'),
      createServer(ui).listen(ports.ui, '127.0.0.1'),
    ];
    machine.up = true;
  };

  const compose = async (args: readonly string[]): Promise<Answer> => {
    switch (args.find((it) => ['up', 'ps', 'stop', 'down'].includes(it))) {
      case 'up':
        await up();
        return {};
      case 'ps':
        return { output: machine.up ? `id-of-${args.at(-1)}\n` : '' };
      case undefined:
        return {};
      default:
        await stop();
        return {};
    }
  };
  const docker = async ([command, ...args]: readonly string[]): Promise<Answer> => {
    if (!machine.docker) return { status: 127, output: 'docker: command not found\n' };
    switch (command) {
      case 'compose':
        return await compose(args);
      case 'info':
        return { output: machine.toolkit ? '{"nvidia":{},"runc":{}}\n' : '{"runc":{}}\n' };
      case 'inspect':
        return { output: 'running 0\n' };
      case 'ps':
        return { output: machine.up ? 'c0ffee\n' : '' };
      default:
        return {};
    }
  };
  const answer = async (call: Call): Promise<Answer> => {
    calls.push(call);
    const own = host.override?.(call);
    if (own !== undefined) return own;
    switch (call.name) {
      case 'nvidia-smi':
        return machine.driver
          ? { output: `580.95.05, ${machine.gpuMib}, NVIDIA RTX 4000 Ada Generation\n` }
          : {
              status: 9,
              output: "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n",
            };
      case 'modprobe':
        if (call.args[0] === 'nvidia') {
          if (!machine.loadable)
            return {
              status: 1,
              output: 'modprobe: ERROR: could not insert nvidia: Device or resource busy\n',
            };
          machine.driver = true;
        }
        return {};
      case 'apt-get':
        if (call.args.includes('docker.io')) machine.docker = true;
        return {};
      case 'dpkg':
        return { output: 'amd64\n' };
      case 'nvidia-ctk':
        machine.toolkit = true;
        return {};
      // There is no such rule yet.
      case 'iptables':
        return { status: call.args.includes('-C') ? 1 : 0 };
      case 'docker':
        return await docker(call.args);
      default:
        return {};
    }
  };
  const found = await installFixtures(join(system.root, 'fixtures'), programs, answer);
  if (engine) {
    const docker = `[ "$1" = info ] && exec echo '{"nvidia":{}}'\nexec ${toolPath('docker')} "$@"`;
    writeFileSync(join(system.root, 'fixtures/docker'), `#!/bin/sh\n${docker}\n`);
  }

  const host: Host = {
    system,
    hub,
    calls,
    ports,
    machine,
    override: undefined,
    env: {
      PATH: '/fixtures:/usr/sbin:/usr/bin',
      HOME: '/root',
      ...found,
      HF_ENDPOINT: hub.url,
      AI_SANDBOX_TOOLKIT_URL: `${hub.url}/toolkit`,
      AI_SANDBOX_WEBUI_PORT: String(ports.ui),
      AI_SANDBOX_API_PORT: String(ports.api),
      AI_SANDBOX_MODELS_GIB: '1',
      AI_SANDBOX_IMAGES_GIB: '1',
      AI_SANDBOX_RETRY_PAUSE: '0',
      AI_SANDBOX_POLL_INTERVAL: '0.05',
      AI_SANDBOX_STALL_TIMEOUT: '1',
      AI_SANDBOX_START_TIMEOUT: '60',
    },
    run: async (...args) => await system.run(host.env, '/bin/bash', system.script, ...args),
    commands: (name) => calls.filter((call) => call.name === name).map(({ args }) => args.join(' ')),
    status: () => JSON.parse(system.file('/var/log/ai-sandbox/status.json')),
    motd: () => system.file('/etc/motd'),
    log: () => system.file('/var/log/ai-sandbox/deployment.log'),
    secret(name) {
      const [, value = ''] =
        new RegExp(`^${name}='(.*)'$`, 'm').exec(system.file('/opt/ai-sandbox/.env')) ?? [];
      return value;
    },
    async close() {
      await stop();
      system.close();
    },
  };
  return host;
}

export { modelId };
