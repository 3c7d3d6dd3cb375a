import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { decryptSops } from '../../../src/adapters/sops/decrypt.ts';
import { findSopsKey } from '../../../src/adapters/sops/find-key.ts';
import type { DeployRequest } from '../../../src/operations/deploy-service.ts';
import { createHost, type DeployHost, filesBelow, webHealth, webService } from '../../support/deploy-host.ts';
import { deploySuite } from '../../support/deploy-suite.ts';
import { temporaryFolder } from '../../support/repository.ts';
import { ageKey, encrypted, envLine, envWithSops } from '../../support/sops.ts';

const suite = deploySuite('sops', 'age-keygen');
const file = 'secrets.enc.env';

/** A service that wants A and B, and passes both to its only container. */
async function service(plain: string, key = ageKey(), more = ''): Promise<DeployHost> {
  const host = await createHost();
  host.commit({
    'compose.yml': 'services: { app: { image: "launch-test/app:1", environment: [A, B] } }\n',
    'service.yml': `secrets: [A, B]\n${more}`,
    [file]: encrypted(plain, key),
  });
  return host;
}

/** What is given, as a runner gives it that has sops; more of its environment in `env`. */
function given(secrets: Record<string, string>, env: NodeJS.ProcessEnv = {}): Partial<DeployRequest> {
  return { secrets: new Map(Object.entries(secrets)), hostEnv: envWithSops(env), steadyMs: 200 };
}

function environment(host: DeployHost, container: string): Record<string, string> {
  const env = host.containers()[container]?.env ?? [];
  return Object.fromEntries(env.map((line) => [line.replace(/=[\s\S]*$/, ''), line.replace(/^[^=]*=/, '')]));
}

suite('a service with encrypted secrets', () => {
  it('gets those it declares, as they are, and nobody sees them or the key', async () => {
    const key = ageKey();
    const b = 'line one of B\nline "two" of B with $X ${Y} `z` # ü \\\\ 100%\n';
    const host = await service(
      envLine('A', '"quoted canary"') + envLine('B', b) + envLine('C', 'undeclared canary'),
      key,
    );
    const told: string[] = [];
    const onSecrets = (values: Iterable<string>) => {
      expect(existsSync(host.folder)).toBe(false);
      told.push(...values);
    };
    const result = await host.deploy({ ...given({ SOPS_AGE_KEY: key.secret }), onSecrets });
    expect(result.status).toBe('deployed');
    const env = environment(host, 'app-1');
    expect(env).toMatchObject({ A: 'quoted canary', B: b });
    expect(Object.keys(env)).not.toContain('C');
    expect(Object.keys(env)).not.toContain('SOPS_AGE_KEY');
    expect(told).toEqual(['quoted canary', b, 'undeclared canary']);
    const seen = [...filesBelow(host.stateDir).values(), ...host.log, ...host.warnings].join('\n');
    for (const hidden of ['canary', 'line one of B', 'with $X', key.secret])
      expect(seen).not.toContain(hidden);
    expect(host.log.join('\n')).not.toContain(key.recipient);

    const again = await host.deploy(given({ SOPS_AGE_KEY: key.secret }));
    expect(again.status).toBe('unchanged');
  });

  it('takes what is given before what the file says, with the prefix of the target', async () => {
    const key = ageKey();
    const host = await service(envLine('A', 'a of the file') + envLine('AWS_B', 'b of the file'), key);
    host.commit({
      '/launch.yml': 'targets: { homelab: { runs-on: homelab, secret-prefix: AWS_ } }\n',
    });
    const secrets = { A: 'a given', B: '', AWS_SOPS_AGE_KEY: key.secret, SOPS_AGE_KEY: ageKey().secret };
    expect((await host.deploy(given(secrets))).status).toBe('deployed');
    expect(environment(host, 'app-1')).toMatchObject({ A: 'a given', B: 'b of the file' });
  });

  it('is deployed anew when a value changes, and the old one comes back with the old release', async () => {
    const key = ageKey();
    const host = await createHost();
    const commit = (a: string, health: string) =>
      host.commit({
        'compose.yml': webService(host.port, '    environment: [A]\n'),
        'service.yml': `secrets: [A]\n${health}`,
        'html/index.html': 'page',
        [file]: encrypted(envLine('A', a), key),
      });
    const request = given({ SOPS_AGE_KEY: key.secret });
    commit('first value', webHealth(host.port));
    const first = await host.deploy(request);
    commit('second value', webHealth(host.port));
    const second = await host.deploy(request);
    expect(second).toMatchObject({ status: 'deployed', previousRelease: first.release });
    expect(second.fingerprint).not.toBe(first.fingerprint);
    expect(environment(host, 'web-1')['A']).toBe('second value');

    commit('third value', 'health: [{ tcp: "127.0.0.1:1", timeout: 300ms }]\n');
    expect((await host.deploy(request)).status).toBe('rolled-back');
    expect(environment(host, 'web-1')['A']).toBe('second value');

    // By hand: the values of what serves now, because a rotated one is of no use any more.
    const { secrets, hostEnv, steadyMs } = host.request(request);
    const back = await host.rollback({ secrets, hostEnv, steadyMs });
    expect(back).toMatchObject({ status: 'deployed', restores: first.release });
    expect(environment(host, 'web-1')['A']).toBe('second value');
  });

  it("goes back to a release whose secrets only that release's own file has", async () => {
    const key = ageKey();
    const host = await service(envLine('A', 'a of old') + envLine('B', 'b of old'), key);
    const request = given({ SOPS_AGE_KEY: key.secret });
    const first = await host.deploy(request);
    host.commit({
      'compose.yml': 'services: { app: { image: "launch-test/app:1", environment: [A, C] } }\n',
      'service.yml': 'secrets: [A, C]\n',
      [file]: encrypted(envLine('A', 'a of today') + envLine('C', 'c of today'), key),
    });
    await host.deploy(request);
    const { secrets, hostEnv, steadyMs } = host.request(request);
    const without = host.rollback({ hostEnv, steadyMs });
    await expect(without).rejects.toMatchObject({
      code: 'SECRET_MISSING',
      message: expect.stringMatching(/A, B are declared.*no key was given that opens it/),
    });
    const back = await host.rollback({ secrets, hostEnv, steadyMs });
    expect(back).toMatchObject({ status: 'deployed', restores: first.release });
    expect(back.notices?.join()).toContain('knew no C');
    expect(environment(host, 'app-1')).toMatchObject({ A: 'a of today', B: 'b of old' });
  });

  it("finds its key in the runner's environment, in a file, or where sops keeps it", async () => {
    const key = ageKey();
    const home = temporaryFolder();
    const named = join(home, 'named.txt');
    writeFileSync(named, `# a comment\n${key.secret}\n`);
    mkdirSync(join(home, '.config/sops/age'), { recursive: true });
    writeFileSync(join(home, '.config/sops/age/keys.txt'), key.secret);
    const content = Buffer.from(encrypted(envLine('A', 'opened'), key));
    for (const env of [
      { SOPS_AGE_KEY: key.secret, SOPS_AGE_KEY_FILE: '/none' },
      { SOPS_AGE_KEY_FILE: named },
      { HOME: home },
      { XDG_CONFIG_HOME: join(home, '.config') },
    ]) {
      const runner = envWithSops(env);
      const found = await findSopsKey(undefined, runner);
      if (found === undefined) throw new Error(`no key in ${Object.keys(env).join()}`);
      expect(JSON.stringify(found.from)).not.toContain(key.secret);
      const values = await decryptSops(content, { file, key: found, env: runner });
      expect(values).toEqual(new Map([['A', 'opened']]));
    }
    expect(await findSopsKey(undefined, envWithSops())).toBeUndefined();
    await expect(findSopsKey(undefined, envWithSops({ SOPS_AGE_KEY_FILE: '/none' }))).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });
});

suite('encrypted secrets that can not be had', () => {
  const key = ageKey();
  const good = encrypted(envLine('A', 'sup3rs3cret') + envLine('B', 'sup3rs3cret'), key);
  const cases: [string, { content?: string; secret?: string; path?: string; code: string; says: RegExp }][] =
    [
      ['no key', { code: 'SECRET_MISSING', says: /A, B are declared.*secrets\.enc\.env.*no key was given/ }],
      [
        'the key of somebody else',
        {
          secret: ageKey().secret,
          code: 'SECRET_MISSING',
          says: new RegExp(`does not open it.*${key.recipient}`),
        },
      ],
      [
        'a key that is cut off',
        { secret: key.secret.slice(0, -9), code: 'SECRET_MISSING', says: /SOPS_AGE_KEY does not open it/ },
      ],
      ['a public key', { secret: key.recipient, code: 'CONFIG_INVALID', says: /holds is no age key/ }],
      [
        'no sops',
        {
          secret: key.secret,
          path: '/nonexistent',
          code: 'ENGINE_UNAVAILABLE',
          says: /not found.*Install sops/,
        },
      ],
      [
        'a file in plain',
        {
          secret: key.secret,
          content: 'A=sup3rs3cret\nB=x\n',
          code: 'CONFIG_INVALID',
          says: /is not encrypted.*replace/,
        },
      ],
      [
        'a line that was added by hand',
        {
          secret: key.secret,
          content: `${good}C=sup3rs3cret\n`,
          code: 'CONFIG_INVALID',
          says: /changed without sops/,
        },
      ],
      [
        'a line that was taken out by hand',
        {
          secret: key.secret,
          content: good.replace(/^B=.*\n/m, ''),
          code: 'CONFIG_INVALID',
          says: /changed without sops/,
        },
      ],
      [
        'a file that is broken',
        {
          secret: key.secret,
          content: `${good}sup3rs3cret\n`,
          code: 'CONFIG_INVALID',
          says: /can't decrypt .*exit status 1/,
        },
      ],
      [
        'a file without one of them',
        {
          secret: key.secret,
          content: encrypted(envLine('A', 'sup3rs3cret') + envLine('B', ''), key),
          code: 'SECRET_MISSING',
          says: /The secret B is declared/,
        },
      ],
    ];

  it.each(cases)('%s: said before anything happens, without a word of the file', async (_, wrong) => {
    const host = await createHost();
    host.commit({
      'compose.yml': 'services: { app: { image: "launch-test/app:1", environment: [A, B] } }\n',
      'service.yml': 'secrets: [A, B]\n',
      [file]: wrong.content ?? good,
    });
    const secrets = wrong.secret === undefined ? {} : { SOPS_AGE_KEY: wrong.secret };
    const env = wrong.path === undefined ? {} : { PATH: wrong.path };
    const failed = await host.deploy(given(secrets, env)).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: wrong.code, message: expect.stringMatching(wrong.says) });
    const { message, stack, cause } = failed as Error;
    const all = [message, stack, String(cause), ...host.log, ...host.warnings].join('\n');
    expect(all).not.toContain('sup3rs3cret');
    expect(all).not.toContain('AGE-SECRET-KEY-1Q');
    if (wrong.secret !== undefined && wrong.secret !== key.recipient) expect(all).not.toContain(wrong.secret);
    expect(existsSync(host.folder)).toBe(false);
  });

  it('a sops that never ends, or a run that is cancelled meanwhile', async () => {
    const folder = temporaryFolder();
    const pipe = join(folder, 'key');
    // Nobody ever writes into it.
    execFileSync('mkfifo', [pipe]);
    const options = {
      file,
      key: { env: { SOPS_AGE_KEY_FILE: pipe }, from: 'a pipe' },
      env: envWithSops(),
    };
    const late = decryptSops(Buffer.from(good), { ...options, timeoutMs: 300 });
    await expect(late).rejects.toMatchObject({ code: 'TIMEOUT', message: expect.stringContaining(file) });
    const cancelled = decryptSops(Buffer.from(good), { ...options, signal: AbortSignal.timeout(200) });
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('a sops that is too old to read from a pipe', async () => {
    const folder = temporaryFolder();
    const old = join(folder, 'sops');
    // As 3.9 ends when it is given no file.
    writeFileSync(old, '#!/bin/sh\necho "Error: no file specified" >&2\nexit 100\n', { mode: 0o755 });
    const options = { file, key: { env: {}, from: 'nowhere' }, env: { PATH: `${folder}:/bin` } };
    await expect(decryptSops(Buffer.from(good), options)).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringContaining('sops 3.10 or later'),
    });
    expect(readFileSync(old, 'utf8')).toContain('100');
  });
});
