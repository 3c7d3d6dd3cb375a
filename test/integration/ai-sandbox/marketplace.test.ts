// The Marketplace's loader: it leaves the same host behind as the script itself, and runs nothing but that one script.
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createHost, type Host } from '../../support/ai-sandbox/host.ts';
import { createSystem, type System } from '../../support/ai-sandbox/system.ts';
import { closeServers, httpServer } from '../../support/local-server.ts';
import { removeRepositories } from '../../support/repository.ts';
import { ROOT } from '../../support/source-tree.ts';
import { requireTools } from '../../support/tools.ts';

const script = readFileSync(join(ROOT, 'stackscripts/ai-sandbox.sh'), 'utf8');
const loader = readFileSync(join(ROOT, 'stackscripts/marketplace/ai-sandbox-deploy.sh'), 'utf8');

/** The values of the form, as the provider hands them over. */
const form = {
  model_id: 'Qwen/Qwen2.5-1.5B-Instruct',
  api_key_password: 'a-key-of-the-form-123',
  admin_email: 'ada@example.org',
  admin_password: 'correct,horse:battery',
  allowed_addresses: '198.51.100.7',
  max_model_len: '4096',
};

/** A release of Launch that has this script. @returns its URL */
async function release(content: string, asked: string[] = []): Promise<string> {
  const { port } = await httpServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/stackscripts/ai-sandbox.sh') response.end(content);
    else response.writeHead(404).end();
  });
  return `http://127.0.0.1:${port}`;
}

/** Every file that a host has of its own, with its mode and what is in it. */
function stateOf(host: Host): Record<string, string> {
  const { root } = host.system;
  const others = ['usr', 'proc', 'dev', 'sys', 'fixtures', 'laid', 'etc/alternatives', 'root/StackScript'];
  const secret = host.secret('WEBUI_SECRET_KEY');
  const entries = readdirSync(root, { recursive: true, withFileTypes: true, encoding: 'utf8' }).flatMap(
    (entry): [string, string][] => {
      const path = join(entry.parentPath, entry.name);
      const name = relative(root, path);
      if (others.some((other) => name === other || name.startsWith(`${other}/`))) return [];
      if (entry.isSymbolicLink()) return [[name, `-> ${readlinkSync(path)}`]];
      const mode = (statSync(path).mode & 0o7777).toString(8);
      if (!entry.isFile() || name.endsWith('webui.db')) return [[name, mode]];
      // What differs between any two hosts, whichever way they were made.
      const content = readFileSync(path, 'utf8')
        .replaceAll(secret, '<secret>')
        .replaceAll(String(host.ports.ui), '<ui>')
        .replaceAll(String(host.ports.api), '<api>')
        .replaceAll(new URL(host.hub.url).host, '<hub>')
        .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(Z| UTC)?/g, '<time>')
        .replaceAll(/\b\d+ s\b|(?<=seconds["=:]+)\d+|(?<=^)\d{10}(?=\n$)/g, '<seconds>');
      return [[name, `${mode} ${name.endsWith('.log') ? '' : content}`]];
    },
  );
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

requireTools('root', 'curl')('the loader of the Marketplace', () => {
  const hosts: Host[] = [];
  const systems: System[] = [];
  afterEach(async () => {
    for (const host of hosts.splice(0)) await host.close();
    for (const system of systems.splice(0)) system.close();
    closeServers();
    removeRepositories();
  });

  async function madeBy(what: string, env: Readonly<Record<string, string>>): Promise<Host> {
    const host = await createHost();
    hosts.push(host);
    host.hub.models.add(form.model_id);
    host.system.write(host.system.script, what);
    Object.assign(host.env, form, env);
    const run = await host.run();
    expect({ status: run.status, error: host.status().error }).toEqual({ status: 0, error: null });
    return host;
  }

  it('leaves the same host behind as the script itself', async () => {
    const asked: string[] = [];
    const direct = await madeBy(script, {});
    const market = await madeBy(loader, { LAUNCH_RELEASE_URL: await release(script, asked) });

    const state = stateOf(direct);
    expect(stateOf(market)).toEqual(state);
    // The comparison is of something: what the script promises to leave behind is in it.
    expect(Object.keys(state)).toEqual(
      expect.arrayContaining([
        'opt/ai-sandbox/docker-compose.yml',
        'opt/ai-sandbox/.env',
        'opt/ai-sandbox/ai-sandbox.sh',
        'opt/models',
        'opt/open-webui',
        'root/ai-sandbox-credentials.txt',
        'etc/motd',
        'etc/systemd/system/ai-sandbox.service',
        'var/log/ai-sandbox/status.json',
      ]),
    );
    expect(state['opt/ai-sandbox/.env']).toMatch(/^600 [\s\S]*MODEL_ID='Qwen\/Qwen2\.5-1\.5B-Instruct'/);
    expect(state['root/ai-sandbox-credentials.txt']).toContain(form.api_key_password);
    expect(Object.keys(state).filter((name) => name.startsWith('tmp/'))).toEqual([]);
    // The units, the firewall and the packages come out of these.
    for (const program of ['systemctl', 'apt-get', 'iptables', 'docker'] as const) {
      const commands = (host: Host) =>
        host
          .commands(program)
          .filter((line) => !/ ps /.test(line))
          .map((line) => line.replaceAll(/\b\d{4,5}\b/g, '<port>'));
      expect(commands(market)).toEqual(commands(direct));
    }
    expect(market.commands('systemctl').join('\n')).toContain('enable');
    expect(asked).toEqual(['/stackscripts/ai-sandbox.sh']);
  });

  describe('does not run', () => {
    const fresh = async () => {
      const system = await createSystem();
      systems.push(system);
      system.write('/root/loader', loader);
      return system;
    };
    const load = async (system: System, url: string) =>
      await system.run(
        { PATH: '/usr/sbin:/usr/bin', HOME: '/root', LAUNCH_RELEASE_URL: url, AI_SANDBOX_RETRY_PAUSE: '0' },
        '/bin/bash',
        '/root/loader',
      );

    function expectFailure(system: System, run: { status: number | null; output: string }, says: RegExp) {
      expect({ status: run.status, says: run.output.match(says) !== null }).toEqual({
        status: 1,
        says: true,
      });
      expect(system.file('/etc/motd')).toMatch(/FAILED/);
      expect(system.file('/etc/motd')).toMatch(says);
      expect(system.file('/var/log/ai-sandbox/deployment.log')).toMatch(says);
      expect(JSON.parse(system.file('/var/log/ai-sandbox/status.json'))).toMatchObject({
        version: 1,
        state: 'failed',
        phase: 'preflight',
        error: { code: 'LOADER', message: expect.stringMatching(says), remedy: expect.stringMatching(/\w/) },
      });
      expect(readdirSync(join(system.root, 'tmp'))).toEqual([]);
    }

    it('another script than that of its release', async () => {
      const system = await fresh();
      const other = script.replace('\n', '\ntouch /ran\n');
      expectFailure(
        system,
        await load(system, await release(other)),
        /its SHA-256 differs\. Nothing of it was run/,
      );
      expect(system.exists('/ran')).toBe(false);
    });

    it('half of the script', async () => {
      const system = await fresh();
      const half = script.slice(0, script.length / 2);
      expectFailure(system, await load(system, await release(half)), /its SHA-256 differs/);
    });

    it('on another system', async () => {
      const system = await fresh();
      const asked: string[] = [];
      system.write('/etc/os-release', 'ID=debian\nVERSION_ID="12"\n');
      expectFailure(system, await load(system, await release(script, asked)), /This is not Ubuntu 24\.04/);
      expect(asked).toEqual([]);
    });

    it('where there is no such release', async () => {
      const system = await fresh();
      expectFailure(
        system,
        await load(system, `${await release(script)}/v9.9.9`),
        /Release \d+\.\d+\.\d+ of Launch could not be fetched/,
      );
    });
  });
});
