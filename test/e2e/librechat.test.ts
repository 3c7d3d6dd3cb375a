// services/librechat from its first deployment to its backup, by the actions as they ship.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { makeCertificates } from '../support/certificates.ts';
import { createHost, type DeployHost, filesBelow } from '../support/deploy-host.ts';
import { deploySuite } from '../support/deploy-suite.ts';
import { libreChatTools } from '../support/librechat/images.ts';
import {
  type LibreChatService,
  libreChatSecrets,
  libreChatService,
  makeSecrets,
  runReadme,
} from '../support/librechat/service.ts';
import { closeServers, httpsServer } from '../support/local-server.ts';
import { temporaryFolder } from '../support/repository.ts';
import { type ActionResult, runAction } from '../support/run-action.ts';
import { withoutMasks } from '../support/runner-masking.ts';
import { ROOT } from '../support/source-tree.ts';

jest.setTimeout(180_000);

deploySuite(
  'node24',
  'curl',
  'openssl',
  ...libreChatTools,
)('LibreChat', () => {
  let host: DeployHost;
  let service: LibreChatService;
  let secrets = '';
  let databases: Record<string, string> = {};
  const runs: ActionResult[] = [];
  const askedInPublic: string[] = [];
  afterAll(closeServers);

  const run = async (action: 'compose-deploy' | 'rollback', given: Record<string, string> = {}) => {
    const result = await runAction(action, {
      inputs: { service: host.service, 'state-dir': host.stateDir, secrets, ...given },
      cwd: host.repository.path,
      timeoutMs: 120_000,
    });
    runs.push(result);
    return result;
  };
  /** What a pull request has changed is merged, and deployed. */
  const merge = async (files: Parameters<DeployHost['commit']>[0]) => {
    host.commit(files);
    return await run('compose-deploy');
  };
  const ids = () => Object.fromEntries(Object.entries(host.containers()).map(([name, { id }]) => [name, id]));
  const ask = async (path: string): Promise<Record<string, unknown>> => {
    const answer = await fetch(`http://127.0.0.1:${host.port}${path}`, { headers: { connection: 'close' } });
    const read: Record<string, unknown> = JSON.parse(await answer.text());
    return read;
  };
  const write = async (body: string) => {
    const answer = await fetch(`http://127.0.0.1:${host.port}/notes`, { method: 'POST', body });
    expect(await answer.text()).toBe('');
  };
  const everywhere = (...notes: string[]) => ({ mongodb: notes, meilisearch: notes, vectordb: notes });
  /** All but the api are the containers of the first deployment, and were never started again. */
  const databasesStayed = () => {
    const { 'api-1': _api, ...others } = started();
    expect(others).toEqual(databases);
  };
  /** As the tunnel leads there: a server with a certificate that the host trusts. From here on, every release is asked there. */
  const publicName = async () => {
    const { authority, valid } = makeCertificates();
    const bundle = join(temporaryFolder('launch-authority-'), 'authority.pem');
    writeFileSync(bundle, authority);
    const { port } = await httpsServer(valid, (request, response) => {
      askedInPublic.push(request.url ?? '');
      response.end('OK');
    });
    return { PUBLIC_HOST: `localhost:${port}`, CURL_CA_BUNDLE: bundle };
  };
  const started = () =>
    Object.fromEntries(
      Object.entries(host.containers()).map(([name, { id, startedAt }]) => [name, `${id} ${startedAt}`]),
    );

  beforeAll(async () => {
    host = await createHost({ 'target.txt': null });
    service = libreChatService(host.port);
    secrets = makeSecrets();
    host.commit(service.files);
  });

  it('starts nothing without one of its secrets, and names the one that is missing', async () => {
    const lines = secrets.trim().split('\n');
    expect(lines.map((line) => line.split('=')[0])).toEqual(libreChatSecrets.map((name) => `AWS_${name}`));
    for (const name of libreChatSecrets) {
      const others = lines.filter((line) => !line.startsWith(`AWS_${name}=`)).join('\n');
      const refused = await run('compose-deploy', { secrets: others });
      expect(refused.exitCode).toBe(1);
      const told = refused.annotations.filter(({ title }) => title === 'SECRET_MISSING');
      expect(told.map(({ message }) => message)).toEqual([
        expect.stringMatching(new RegExp(`\\b(?:AWS_)?${name}\\b`)),
      ]);
      for (const other of libreChatSecrets.filter((it) => it !== name)) {
        expect(told[0]?.message).not.toMatch(new RegExp(`\\b(?:AWS_)?${other}\\b`));
      }
    }
    expect(host.containers()).toEqual({});
  });

  it('starts nothing with a secret that LibreChat could not use', async () => {
    const short = secrets.replace(/^(AWS_CREDS_IV=..).*$/m, '$1');
    const refused = await run('compose-deploy', { secrets: short });
    expect(refused).toMatchObject({ exitCode: 1, outputs: { status: 'failed' } });
    expect(refused.stdout).toContain('CREDS_IV has to be 32 hexadecimal digits');
    expect(host.containers()).toEqual({});
  });

  it('is deployed, all of it, with passwords of its own', async () => {
    const first = await run('compose-deploy');
    expect([first.exitCode, first.outputs['status']]).toEqual([0, 'deployed']);
    expect(Object.keys(host.containers()).sort()).toEqual([
      'api-1',
      'meilisearch-1',
      'mongodb-1',
      'rag_api-1',
      'vectordb-1',
    ]);
    expect(await ask('/api/config')).toMatchObject({ version: 'first', registrationEnabled: 'false' });
    await write('before');
    expect(await ask('/notes')).toEqual(everywhere('before'));
    const { 'api-1': _api, ...others } = started();
    databases = others;

    // Only the api is to be reached from outside of Docker, on the loopback interface.
    const ports = Object.keys(host.containers()).map((name) =>
      host.docker('port', `${host.service}-${name}`),
    );
    expect(ports.filter((it) => it !== '')).toEqual([`3080/tcp -> 127.0.0.1:${host.port}`]);
    // The passwords count: with another one, no database lets anybody in.
    const refuse = (name: string, ...command: string[]) =>
      expect(() =>
        host.docker('exec', ...command.slice(0, 2), `${host.service}-${name}`, ...command.slice(2)),
      );
    refuse(
      'mongodb-1',
      ...['--env', 'MONGO_INITDB_ROOT_PASSWORD=wrong', 'mongosh', '--quiet', '--norc', '--host=mongodb'],
      '--eval=db.getSiblingDB("admin").auth(process.env.MONGO_INITDB_ROOT_USERNAME, process.env.MONGO_INITDB_ROOT_PASSWORD)',
    ).toThrow(/auth/i);
    refuse(
      'vectordb-1',
      ...['--env', 'PGPASSWORD=wrong', 'psql', '--host=vectordb', '--username=rag', '--dbname=rag', '--list'],
    ).toThrow(/password authentication failed/);
    expect((await run('compose-deploy')).outputs).toMatchObject({ status: 'unchanged' });
  });

  it('makes only the api anew for a changed variable', async () => {
    const before = ids();
    const publicHost = await publicName();
    const changed = await merge(
      service.env({ ALLOW_REGISTRATION: 'true', APP_TITLE: 'Our chat', ...publicHost }),
    );
    expect(changed.outputs).toMatchObject({ status: 'deployed' });
    expect(await ask('/api/config')).toMatchObject({
      registrationEnabled: 'true',
      appTitle: 'Our chat',
      serverDomain: `https://${publicHost.PUBLIC_HOST}`,
    });
    expect(askedInPublic).toContain('/health');
    expect(ids()['api-1']).not.toBe(before['api-1']);
    databasesStayed();
    expect(await ask('/notes')).toEqual(everywhere('before'));
  });

  it('makes only the api anew for another image of it', async () => {
    expect((await merge(service.image(service.images.api.second))).outputs).toMatchObject({
      status: 'deployed',
    });
    expect(await ask('/api/config')).toMatchObject({ version: 'second' });
    databasesStayed();
    await write('between');
    expect(await ask('/notes')).toEqual(everywhere('before', 'between'));
  });

  it('takes an update back that is not well', async () => {
    // As compose.yml has it, it may take minutes to start: not in a test.
    const quick = Object.entries(service.image(service.images.api.broken)).map(([name, text]) => [
      name,
      String(text).replace('start_period: 120s', 'start_period: 1s'),
    ]);
    const failed = await merge(Object.fromEntries(quick));
    expect([failed.exitCode, failed.outputs['status']]).toEqual([1, 'rolled-back']);
    expect(failed.stdout).toContain('api');
    databasesStayed();
    expect(await ask('/api/config')).toMatchObject({ version: 'second', registrationEnabled: 'true' });
    await write('afterwards');
    expect(await ask('/notes')).toEqual(everywhere('before', 'between', 'afterwards'));
  });

  it('goes back to the release before, with the data of now', async () => {
    expect((await run('rollback')).outputs).toMatchObject({ status: 'deployed' });
    expect(await ask('/api/config')).toMatchObject({ version: 'first', registrationEnabled: 'true' });
    databasesStayed();
    expect(await ask('/notes')).toEqual(everywhere('before', 'between', 'afterwards'));
  });

  it('shows none of its secrets, and keeps none', () => {
    const values = secrets
      .trim()
      .split('\n')
      .map((line) => line.slice(line.indexOf('=') + 1));
    const shown = runs.map(({ stdout, stderr, summary, outputs, annotations }) =>
      [withoutMasks(stdout), stderr, summary, JSON.stringify([outputs, annotations])].join('\n'),
    );
    const kept = [...filesBelow(host.stateDir)].map(([path, text]) => `${path}\n${text}`);
    const names = Object.keys(host.containers()).map((name) => `${host.service}-${name}`);
    const logs = names.map((name) =>
      execFileSync('bash', ['-c', 'docker logs "$1" 2>&1', 'bash', name], { encoding: 'utf8' }),
    );
    // What another user of the machine sees of processes and of health checks.
    const commands = host.docker(
      'inspect',
      '--format',
      '{{json .Config.Healthcheck}}{{json .Config.Cmd}}',
      ...names,
    );
    const processes = names.map((name) => host.docker('top', name, '-eo', 'pid,args'));
    expect(values).toHaveLength(7);
    expect(shown).toHaveLength(14);
    for (const value of values) {
      for (const text of [...shown, ...kept, ...logs, ...processes, commands]) {
        // Not by toContain: what failed would print it.
        expect(text.includes(value) ? text.slice(0, 200) : '').toBe('');
      }
    }
  });

  it('is saved and put back by the commands of its README', async () => {
    const checkout = temporaryFolder('launch-checkout-');
    mkdirSync(join(checkout, 'services'));
    symlinkSync(join(ROOT, 'services/librechat'), join(checkout, 'services/librechat'));
    const env = { COMPOSE_PROJECT_NAME: host.service };
    const api = `${host.service}-api-1`;
    host.docker('exec', api, 'sh', '-c', 'printf picture >/app/uploads/cat.png');
    expect(runReadme('backup.sh', checkout, env)).toContain('saved to librechat-backup');
    host.docker('exec', api, 'rm', '/app/uploads/cat.png');
    await write('unwanted');
    const running = started();
    for (const name of ['mongodb.archive.gz', 'vectordb.dump', 'files.tar']) {
      const path = join(checkout, 'librechat-backup', name);
      const whole = readFileSync(path);
      // Cut off between two blocks, where tar sees nothing wrong.
      writeFileSync(path, whole.subarray(0, name === 'files.tar' ? 1024 : whole.length / 2));
      expect(() => runReadme('restore.sh', checkout, env)).toThrow(/librechat-backup is damaged/);
      writeFileSync(path, whole);
    }
    expect([started(), (await ask('/notes'))['mongodb']]).toEqual([
      running,
      ['before', 'between', 'afterwards', 'unwanted'],
    ]);
    expect(runReadme('restore.sh', checkout, env)).toContain('restored from librechat-backup');
    expect((await run('compose-deploy')).outputs).toMatchObject({ status: 'unchanged' });
    const { mongodb, vectordb } = await ask('/notes');
    expect([mongodb, vectordb]).toEqual(Array(2).fill(['before', 'between', 'afterwards']));
    expect(host.docker('exec', api, 'cat', '/app/uploads/cat.png')).toBe('picture');
  });
});
