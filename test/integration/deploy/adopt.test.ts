import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from '@jest/globals';
import { remains } from '../../support/after-a-kill.ts';
import { createHost, type DeployHost, webHealth } from '../../support/deploy-host.ts';
import { deploySuite } from '../../support/deploy-suite.ts';
import { type Adopting, adopting, type OldProject, oldProject } from '../../support/old-project.ts';

const suite = deploySuite();

/** A web server, and something with data in a volume and in a folder, and with a tracked configuration. */
const stack = (port: number, version: string) => `services:
  web:
    image: launch-test/nginx:1
    ports: ["127.0.0.1:${port}:80"]
    environment: { VERSION: "${version}", TOKEN: "\${TOKEN}" }
    volumes: ["./html:/usr/share/nginx/html:ro"]
    depends_on: [db]
    stop_grace_period: 1s
  db:
    image: launch-test/app:1
    env_file: [db.env]
    environment: { TOKEN: "\${TOKEN}" }
    volumes: ["./config:/config:ro", "./data:/data", "store:/store"]
    configs: [{ source: rules, target: /rules }]
    stop_grace_period: 1s
volumes: { store: {} }
configs: { rules: { file: ./rules.txt } }
`;
const files = (port: number, version: string) => ({
  'compose.yml': stack(port, version),
  'service.yml': `secrets: [TOKEN]\n${webHealth(port)}`,
  'html/index.html': `page ${version}`,
  'config/db.conf': 'config 1',
  'db.env': 'LEVEL=low\n',
  'rules.txt': 'rules 1',
});
const secrets = new Map([['TOKEN', 'canary-value']]);

suite('a project that runs, taken over as it is', () => {
  let host: DeployHost;
  let old: OldProject;
  let it_: Adopting;
  let adopted: string;
  const db = () => host.containers()['db-1'];
  const inDb = (...command: string[]) => host.docker('exec', `${host.service}-db-1`, ...command);

  beforeAll(async () => {
    host = await createHost();
    host.commit(files(host.port, '1'));
    old = oldProject(host, { TOKEN: 'canary-value' });
    old.up();
    inDb('sh', '-c', 'echo kept >/data/file; echo kept >/store/file');
    it_ = adopting(host);
  });

  it('is refused to a deployment, which names launch adopt', async () => {
    await expect(host.deploy({ secrets })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(`run \`launch adopt ${host.service}\` on this host`),
    });
  });

  it('can be compared beforehand, with nothing changed', async () => {
    const seen = () => [
      host.containers(),
      existsSync(host.folder) ? readdirSync(host.folder, { recursive: true }) : [],
    ];
    const before = seen();
    expect(await it_.adopt({ secrets, dryRun: true })).toMatchObject({
      status: 'rehearsed',
      release: undefined,
      project: host.service,
      differs: [],
      unchanged: ['db', 'web'],
      data: [{ place: `data/services/${host.service}/data`, from: join(old.place, 'data') }],
    });
    expect(seen()).toEqual(before);
  });

  it('is its first release, with the same containers, which were not even restarted', async () => {
    const before = host.containers();
    const adoption = await it_.adopt({ secrets });
    expect(adoption).toMatchObject({ status: 'adopted', differs: [], unchanged: ['db', 'web'] });
    expect(host.containers()).toEqual(before);
    adopted = adoption.release ?? '';
    const record = JSON.parse(readFileSync(join(host.folder, 'current/release.json'), 'utf8'));
    expect(record).toMatchObject({
      id: adopted,
      status: 'deployed',
      commit: host.repository.id(),
      project: host.service,
      secretNames: ['TOKEN'],
      images: {
        web: {
          name: 'launch-test/nginx:1',
          id: host.docker('inspect', '-f', '{{.Image}}', before['web-1']?.id ?? ''),
        },
      },
    });
    expect(record.containers).toHaveLength(2);
    const state = readFileSync(join(host.folder, 'history.ndjson'), 'utf8');
    expect(state).toContain('"reason":"taken over as it ran"');
    expect(state + JSON.stringify(record)).not.toContain('canary');
    expect(remains(host).filter((line) => !/^container .* running$/.test(line))).toEqual([]);
  });

  it("is Launch's then: not taken over once more, and unchanged for a deployment", async () => {
    await expect(it_.adopt({ secrets })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('of Launch already'),
    });
    const before = host.containers();
    expect(await host.deploy({ secrets })).toMatchObject({ status: 'unchanged', release: adopted });
    expect(host.containers()).toEqual(before);
  });

  it('gets its first deployment without a new database container', async () => {
    const before = db();
    host.commit(files(host.port, '2'));
    const { plan } = await host.deploy({ secrets, dryRun: true });
    expect(plan?.join('\n')).toMatch(/web-1 +Recreate/);
    expect(plan?.join('\n')).not.toMatch(/db-1 +Recreate/);
    expect(await host.deploy({ secrets })).toMatchObject({
      status: 'deployed',
      previousRelease: adopted,
      made: [`${host.service}-web-1`],
      kept: [`${host.service}-db-1`],
    });
    expect(await host.get()).toBe('page 2');
    expect(db()).toEqual(before);
    expect((await host.deploy({ secrets })).status).toBe('unchanged');
  });

  it('is put back exactly when a release fails', async () => {
    const before = db();
    host.commit({
      ...files(host.port, '3'),
      'service.yml': 'secrets: [TOKEN]\nhealth: [{ tcp: "127.0.0.1:1", timeout: 300ms }]\n',
    });
    expect((await host.deploy({ secrets })).status).toBe('rolled-back');
    expect(await host.get()).toBe('page 2');
    expect(db()).toEqual(before);
  });

  it('is what a rollback goes back to, and forth', async () => {
    const before = db();
    expect(await host.rollback({ secrets })).toMatchObject({
      status: 'deployed',
      restores: adopted,
      kept: [`${host.service}-db-1`],
    });
    expect(await host.get()).toBe('page 1');
    expect(db()).toEqual(before);
    host.commit(files(host.port, '4'));
    expect((await host.deploy({ secrets })).kept).toEqual([`${host.service}-db-1`]);
    expect(db()).toEqual(before);
  });

  it('keeps its data where it was once the database is made anew, with the configuration of the commit', async () => {
    const before = db();
    host.commit({ 'config/db.conf': 'config 2', 'rules.txt': 'rules 2' });
    expect((await host.deploy({ secrets })).status).toBe('deployed');
    expect(db()?.id).not.toBe(before?.id);
    expect(inDb('cat', '/config/db.conf', '/rules', '/data/file', '/store/file')).toBe(
      'config 2rules 2kept\nkept',
    );
    inDb('sh', '-c', 'echo more >/data/more');
    expect(readFileSync(join(old.place, 'data/more'), 'utf8')).toBe('more\n');
    // From now on it is a container like any other.
    const now = db();
    host.commit(files(host.port, '5'));
    await host.deploy({ secrets });
    expect(db()?.id).not.toBe(now?.id);
    expect(inDb('cat', '/config/db.conf', '/data/more')).toBe('config 1more');
    const last = db();
    host.commit({ 'html/index.html': 'page 6' });
    await host.deploy({ secrets });
    expect(db()).toEqual(last);
  });
});
