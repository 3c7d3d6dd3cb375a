// stackscripts/ai-sandbox.sh from a fresh machine to a sandbox that is ready, and once more.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { createHost, type Host, modelId } from '../../support/ai-sandbox/host.ts';
import { closeServers } from '../../support/local-server.ts';
import { removeRepositories } from '../../support/repository.ts';
import { ROOT } from '../../support/source-tree.ts';
import { requireTools } from '../../support/tools.ts';

const phases = [
  'preflight',
  'packages',
  'driver',
  'docker',
  'toolkit',
  'configure',
  'download',
  'start',
  'validate',
  'ready',
];
const cache = '/opt/models/hub/models--mistralai--Mistral-7B-Instruct-v0.3';

requireTools(
  'root',
  'curl',
  'compose',
  'iptables',
)('the script of the AI sandbox', () => {
  let host: Host;
  beforeEach(async () => {
    host = await createHost();
  });
  afterEach(async () => {
    await host.close();
    closeServers();
    removeRepositories();
  });
  const mode = (path: string) => (statSync(join(host.system.root, path)).mode & 0o777).toString(8);

  it('makes a fresh machine ready, says so everywhere, and does it again with the same secrets', async () => {
    // The connection to the hub breaks twice; nobody notices.
    const shard = 'model-00001-of-00002.safetensors';
    host.hub.fault = { on: shard, cutAfter: 80_000, times: 2 };
    const first = await host.run();
    expect([first.status, host.status().error]).toEqual([0, null]);
    const ranges = host.hub.requests.filter(({ url }) => url.endsWith(shard)).map(({ range }) => range);
    expect(ranges).toEqual([undefined, ...Array(2).fill(expect.stringMatching(/^bytes=[1-9][0-9]+-$/))]);

    const status = host.status();
    expect(status).toMatchObject({ state: 'ready', model: modelId });
    expect(status.phases.map(({ name, state }) => `${name} ${state}`)).toEqual(
      phases.map((it) => `${it} done`),
    );
    expect(status.urls.ui).toMatch(new RegExp(`^http://[0-9.]+:${host.ports.ui}$`));
    expect(status.urls.api).toMatch(new RegExp(`^http://[0-9.]+:${host.ports.api}/v1$`));
    for (const name of phases) expect(first.output).toMatch(new RegExp(`done +${name} +[0-9]+ s`));

    const [key, password] = [host.secret('VLLM_API_KEY'), host.secret('WEBUI_ADMIN_PASSWORD')];
    expect(key).toMatch(/^sk-[0-9a-f]{48}$/);
    expect(password).toMatch(/^[0-9a-f]{48}$/);
    expect(host.motd()).toContain(`READY: ${modelId}`);
    expect(host.motd()).toContain(status.urls.ui);
    expect(host.motd()).toContain('/root/ai-sandbox-credentials.txt');
    expect(host.motd()).toMatch(/SECURITY: there is no TLS[\s\S]+answer EVERYONE/);
    const credentials = host.system.file('/root/ai-sandbox-credentials.txt');
    expect([credentials.includes(key), credentials.includes(password)]).toEqual([true, true]);
    const secretFiles = [
      '/root/ai-sandbox-credentials.txt',
      '/opt/ai-sandbox/.env',
      '/var/lib/ai-sandbox/secrets',
    ];
    expect(secretFiles.map(mode)).toEqual(['600', '600', '600']);
    expect([mode('/etc/motd'), mode('/var/log/ai-sandbox/status.json')]).toEqual(['644', '644']);

    // The model is in the hub's own layout, and its weights are there once.
    expect(host.system.file(`${cache}/refs/main`)).toBe(host.hub.commit);
    expect(readdirSync(join(host.system.root, cache, 'snapshots', host.hub.commit)).sort()).toEqual([
      'README.md',
      'config.json',
      'model-00001-of-00002.safetensors',
      'model-00002-of-00002.safetensors',
      'model.safetensors.index.json',
    ]);
    // The compose file of the host is the template.
    expect(host.system.file('/opt/ai-sandbox/docker-compose.yml')).toBe(
      readFileSync(join(ROOT, 'services/ai-sandbox/docker-compose.yml.template'), 'utf8'),
    );
    // The images were fetched while the model was, and asked for once more when they were needed.
    expect(host.commands('docker').filter((it) => it.includes(' pull '))).toHaveLength(2);
    // systemd has nothing to say against its units.
    host.system.write('/etc/systemd/system/docker.service', '[Service]\nExecStart=/bin/true\n');
    const units = ['ai-sandbox', 'ai-sandbox-firewall', 'ai-sandbox-resume'].map((it) => `${it}.service`);
    expect(host.system.inside('/bin/sh', '-c', `systemd-analyze verify ${units.join(' ')} 2>&1`)).toBe('');
    // It starts at boot, and nothing is left to continue.
    expect(host.commands('systemctl')).toEqual(
      expect.arrayContaining([
        'enable ai-sandbox.service',
        'enable ai-sandbox-firewall.service',
        'disable ai-sandbox-resume.service',
      ]),
    );
    expect(host.system.exists('/var/lib/ai-sandbox/unfinished')).toBe(false);
    expect(host.commands('systemctl')).not.toContain('reboot');

    const asked = host.hub.requests.length;
    host.calls.length = 0;
    const second = await host.run();
    expect([second.status, host.status().state]).toEqual([0, 'ready']);
    expect(second.output).toContain('download: done in an earlier run');
    expect([host.secret('VLLM_API_KEY'), host.secret('WEBUI_ADMIN_PASSWORD')]).toEqual([key, password]);
    expect(host.hub.requests).toHaveLength(asked);
    expect(host.commands('apt-get')).toEqual([]);

    // No secret in what others may read, or on a command line.
    const public_ = [host.log(), first.output, second.output, host.motd(), JSON.stringify(host.calls)];
    for (const secret of [key, password, host.secret('WEBUI_SECRET_KEY')])
      expect(public_.filter((text) => text.includes(secret))).toEqual([]);
  });

  it('takes its settings from the environment, the token of the hub only as long as it needs it', async () => {
    Object.assign(host.env, {
      MODEL_ID: 'acme/tiny',
      HF_TOKEN_PASSWORD: 'hf_abcdefghijkl',
      API_KEY_PASSWORD: 'my-own-key-0123456789',
      ADMIN_EMAIL: 'me@example.org',
      // What a shell or compose would read something into.
      ADMIN_PASSWORD: 'a$HOME#$(id)!{x}=:;~*',
      ALLOWED_ADDRESSES: '203.0.113.7, 198.51.100.0/24',
      MAX_MODEL_LEN: '4096',
    });
    host.hub.models.add('acme/tiny');
    host.hub.token = 'hf_abcdefghijkl';
    const run = await host.run();
    expect([run.status, host.status().error]).toEqual([0, null]);
    expect(new Set(host.hub.requests.map(({ token }) => token))).toEqual(new Set(['hf_abcdefghijkl']));
    expect(host.status().model).toBe('acme/tiny');
    expect(host.system.file('/var/lib/ai-sandbox/settings')).toContain('HF_TOKEN_PASSWORD=\n');
    expect(host.motd()).toContain('answer only: 203.0.113.7/32 198.51.100.0/24');
    for (const secret of ['hf_abcdefghijkl', 'my-own-key-0123456789', host.env['ADMIN_PASSWORD'] ?? ''])
      expect(`${host.log()}${run.output}${JSON.stringify(host.calls)}`).not.toContain(secret);

    await expectFirewall(host);

    // The real compose reads the same out of the file.
    const project = join(host.system.root, 'opt/ai-sandbox');
    const model = execFileSync('docker', ['compose', '--project-directory', project, 'config'], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: '/root' },
    });
    const services = parse(model).services;
    expect(services['open-webui'].environment).toMatchObject({
      WEBUI_ADMIN_EMAIL: 'me@example.org',
      WEBUI_ADMIN_PASSWORD: 'a$$HOME#$$(id)!{x}=:;~*',
      OPENAI_API_KEY: 'my-own-key-0123456789',
    });
    expect(services.vllm.command).toEqual(
      expect.arrayContaining([
        'acme/tiny',
        '--max-model-len=4096',
        '--max-num-seqs=1',
        '--tensor-parallel-size=1',
      ]),
    );
    expect(services.vllm.ports).toBeUndefined();

    // Another model is fetched; what is not given stays.
    Object.assign(host.env, {
      MODEL_ID: modelId,
      HF_TOKEN_PASSWORD: '',
      API_KEY_PASSWORD: '',
      ADMIN_PASSWORD: '',
    });
    host.hub.token = undefined;
    await host.system.run(host.env, '/fixtures/docker', 'compose', 'down');
    expect([(await host.run()).status, host.status().model]).toEqual([0, modelId]);
    expect(host.secret('VLLM_API_KEY')).toBe('my-own-key-0123456789');
    expect(host.system.exists(`${cache}/refs/main`)).toBe(true);
  });

  it('says what opens the account, also when another password is given later', async () => {
    const signIn = async () => {
      const file = host.system.file('/root/ai-sandbox-credentials.txt');
      const [, email, password] = /E-mail: +(\S+)\n +Password: +(\S+)\n/.exec(file) ?? [];
      const body = JSON.stringify({ email, password });
      const answer = await fetch(`http://127.0.0.1:${host.ports.ui}/api/v1/auths/signin`, {
        method: 'POST',
        body,
      });
      return [email, answer.status];
    };
    // The account is made, and the run fails after it.
    host.override = ({ name, args }) => {
      if (name !== 'systemctl' || !args.includes('ai-sandbox.service')) return undefined;
      return { status: 1 };
    };
    expect((await host.run()).status).toBe(1);
    host.override = undefined;
    const again = async (password: string) => {
      Object.assign(host.env, { ADMIN_EMAIL: 'me@example.org', ADMIN_PASSWORD: password });
      await host.system.run(host.env, '/fixtures/docker', 'compose', 'down');
      const run = await host.run();
      expect([run.status, host.status().error]).toEqual([0, null]);
      expect(run.output).toContain('changed in the chat, and not here');
      expect(await signIn()).toEqual(['admin@ai-sandbox.local', 200]);
    };
    await again('another-password');
    await again('yet-another-password');
  });

  it('evaluates nothing of its settings', async () => {
    const hostile: readonly (readonly [name: string, value: string])[] = [
      ['MODEL_ID', '../../etc/passwd'],
      ['MODEL_ID', 'a/b..c'],
      ['MODEL_ID', 'a/$(touch /tmp/owned)'],
      ['MODEL_ID', "a/b'; touch /tmp/owned; '"],
      ['MODEL_ID', 'a/b\nHF_TOKEN_PASSWORD=x'],
      ['HF_TOKEN_PASSWORD', 'hf_x"\nurl = "file:///etc/passwd'],
      ['API_KEY_PASSWORD', "0123456789abcdef'\nX='"],
      ['ADMIN_EMAIL', 'a@b.example","x":"'],
      ['ADMIN_PASSWORD', "12345678'\nVLLM_API_KEY='known"],
      ['ADMIN_PASSWORD', '12345678`touch /tmp/owned`'],
      ['ADMIN_PASSWORD', '1234567'],
      ['ALLOWED_ADDRESSES', '1.2.3.4/8/9'],
      ['ALLOWED_ADDRESSES', '1.2.3.4 -j ACCEPT'],
      ['ALLOWED_ADDRESSES', '999.1.1.1'],
      ['ALLOWED_ADDRESSES', '1.2.3.4/33'],
      ['ALLOWED_ADDRESSES', '2001:db8::1'],
      ['MAX_MODEL_LEN', 'a[$(touch /tmp/owned)]'],
      ['MAX_MODEL_LEN', '-1'],
    ];
    const before = { ...host.env };
    for (const [name, value] of hostile) {
      host.env = { ...before, [name]: value };
      const run = await host.run();
      const { error } = host.status();
      expect([name, value, run.status, error?.code]).toEqual([name, value, 1, 'INPUT_INVALID']);
      expect(error?.message).toContain(name.toLowerCase());
      if (name.includes('PASSWORD')) expect(`${host.log()}${run.output}`).not.toContain(value);
    }
    expect(host.system.exists('/tmp/owned')).toBe(false);
    expect(host.commands('apt-get')).toEqual([]);
    expect((await host.system.run(host.env, '/bin/bash', host.system.script, '--frobnicate')).status).toBe(2);
  });
});

/** What the run has told iptables, at the end of it and at the next boot, and what the real one makes of it. */
async function expectFirewall(host: Host): Promise<void> {
  const rules = [
    '*filter',
    ':AI-SANDBOX - [0:0]',
    '-A AI-SANDBOX -s 203.0.113.7/32 -j RETURN',
    '-A AI-SANDBOX -s 198.51.100.0/24 -j RETURN',
    '-A AI-SANDBOX -j DROP',
    'COMMIT\n',
  ].join('\n');
  const jump = (verb: string, port: number) =>
    `-w ${verb} DOCKER-USER ! -i br-+ -p tcp -m conntrack --ctorigdstport ${port} --ctdir ORIGINAL -j AI-SANDBOX`;
  const expected = [
    '-w -N DOCKER-USER',
    ...[host.ports.ui, host.ports.api].flatMap((port) => [jump('-C', port), jump('-I', port)]),
  ];
  const restored = () => host.calls.filter(({ name }) => name === 'iptables-restore');
  expect(host.commands('iptables')).toEqual(expected);
  expect(restored().map(({ args, stdin }) => [args.join(' '), stdin])).toEqual([['-w --noflush', rules]]);
  // Before the containers are started.
  const order = host.calls.map(({ name, args }) => `${name} ${args.join(' ')}`);
  expect(order.indexOf(`iptables ${jump('-I', host.ports.api)}`)).toBeLessThan(
    order.findIndex((it) => it.startsWith('docker compose') && it.includes(' up ')),
  );

  // At boot, before Docker; Docker does not start when it fails.
  host.calls.length = 0;
  expect((await host.run('--firewall')).status).toBe(0);
  expect(host.commands('iptables')).toEqual(expected);
  expect(restored()).toHaveLength(1);
  const unit = host.system.file('/etc/systemd/system/ai-sandbox-firewall.service');
  expect(unit).toMatch(
    /Before=docker\.service[\s\S]+ExecStart=\/opt\/ai-sandbox\/ai-sandbox\.sh --firewall[\s\S]+RequiredBy=docker\.service/,
  );
  host.override = ({ name }) => (name === 'iptables-restore' ? { status: 4 } : undefined);
  expect((await host.run('--firewall')).status).toBe(1);
  host.override = undefined;

  // The real one, in a network of its own, twice.
  const env = Object.entries({ ...host.env, PATH: '/usr/sbin:/usr/bin' }).map((it) => `'${it.join('=')}'`);
  const firewall = `env ${env.join(' ')} /opt/ai-sandbox/ai-sandbox.sh --firewall`;
  const script = `${firewall}\n${firewall}\niptables -S`;
  const real = host.system.inside('/usr/bin/unshare', '--net', '/bin/sh', '-ec', script).trim().split('\n');
  expect(real.filter((line) => line.startsWith('-A')).sort()).toEqual(
    [
      ...rules.split('\n').filter((line) => line.startsWith('-A')),
      ...[host.ports.ui, host.ports.api].map((port) => jump('-A', port).replace('-w ', '')),
    ].sort(),
  );
}
