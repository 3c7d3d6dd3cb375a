import { afterAll, describe, expect, it } from '@jest/globals';
import type { Problem } from '../../../src/core/problem.ts';
import { type Files, removeRepositories } from '../../support/repository.ts';
import { brief, repositoryWith, validate } from '../../support/validating.ts';

afterAll(removeRepositories);

const off = { shellcheck: { severity: 'off', required: false, path: '', toolCache: '' } } as const;

/** A worker service that nothing is wrong with, besides what is in `config`. */
function worker(name: string, config: string | object, more: Files = {}): Files {
  const text = typeof config === 'string' ? config : JSON.stringify(config, null, 1);
  return {
    [`services/${name}/README.md`]: `# ${name}\n`,
    [`services/${name}/service.yml`]: 'target: edge\nhealth: [{ http: /health }]\n',
    [`services/${name}/index.ts`]: 'export default {};\n',
    [`services/${name}/wrangler.jsonc`]: text,
    ...more,
  };
}

async function problemsOf(
  files: Files,
  services: readonly string[] | 'all' = 'all',
): Promise<readonly Problem[]> {
  const launch = 'targets: { edge: { runs-on: ubuntu-latest, driver: worker, environment: staging } }\n';
  const { problems } = await validate(repositoryWith({ 'launch.yml': launch, ...files }).path, {
    ...off,
    services,
  });
  return problems;
}

const told = async (...given: Parameters<typeof problemsOf>) => brief(await problemsOf(...given));
const at = (name: string, line: number) => `services/${name}/wrangler.jsonc:${line}`;

const uuid = '11112222-3333-4444-5555-666677778888';

describe('a worker', () => {
  it('is fine with names in place of ids, in every environment', async () => {
    const environment = (name: string) => ({
      vars: { LEVEL: 'info' },
      d1_databases: [{ binding: 'DB', database_name: `db_${name}`, migrations_dir: 'migrations' }],
      kv_namespaces: [{ binding: 'CACHE' }],
      r2_buckets: [{ binding: 'FILES', bucket_name: `files-${name}` }],
      durable_objects: { bindings: [{ name: 'CART', class_name: 'Cart' }] },
    });
    expect(
      await told(
        worker('shop', {
          name: 'shop',
          main: './index.ts',
          migrations: [
            { tag: 'v1', new_classes: ['Basket'] },
            { tag: 'v2', renamed_classes: [{ from: 'Basket', to: 'Cart' }] },
          ],
          env: { production: environment('production'), staging: environment('staging') },
        }),
      ),
    ).toEqual([]);
  });

  it.each([
    ['{\n "name": "a",\n "main" "b" }', 'worker-config-syntax', 3],
    ['{\n "name": 7 }', 'invalid-type', 2],
    ['{ "name": "a",\n "main": "index.ts",\n "d1_databases": {} }', 'invalid-type', 3],
  ])('with a broken configuration is told at its line: %j', async (config, rule, line) => {
    expect(await told(worker('a', config))).toEqual([`${rule} ${at('a', line)}`]);
  });

  it('may be configured by TOML, and has one configuration', async () => {
    const files = worker('a', '{ "name": "a", "main": "index.ts" }', {
      'services/a/wrangler.toml': 'name = "old"\n',
    });
    expect(await told(files)).toEqual(['worker-two-configs services/a/wrangler.toml:1']);
    const { 'services/a/wrangler.jsonc': _, ...toml } = files;
    expect(
      await told({
        ...toml,
        'services/a/wrangler.toml': `name = "a"\nmain = "index.ts"\n\n# database_id = "${uuid}"\n[[d1_databases]]\nbinding = "DB"\ndatabase_id = "<your id>"\n`,
      }),
    ).toEqual([
      'worker-commented-id services/a/wrangler.toml:4',
      'worker-placeholder services/a/wrangler.toml:7',
    ]);
    expect(await told({ ...toml, 'services/a/wrangler.toml': 'name = "a"\nmain = \n' })).toEqual([
      'worker-config-syntax services/a/wrangler.toml:2',
    ]);
  });

  it.each([
    [{ main: 'index.ts' }, 1],
    [{ name: 'Shop', main: 'index.ts' }, 2],
    [{ name: 'shop-', main: 'index.ts' }, 2],
    [{ name: `x'); DROP TABLE instances; --`, main: 'index.ts' }, 2],
    [{ name: 'a'.repeat(60), main: 'index.ts', env: { staging: {} } }, 5],
    [{ name: 'shop', main: 'index.ts', env: { 'a b': {} } }, 5],
  ])('has a name that can be one: %j', async (config, line) => {
    expect(await told(worker('a', config))).toEqual([`worker-name ${at('a', line)}`]);
  });

  it('has an entry file that is there, unless a build makes it', async () => {
    expect(await told(worker('a', { name: 'a' }))).toEqual([`worker-entry ${at('a', 1)}`]);
    expect(await told(worker('a', { name: 'a', assets: { directory: 'public' } }))).toEqual([]);
    expect(await told(worker('a', { name: 'a', main: 'src/index.ts' }))).toEqual([
      `path-missing ${at('a', 3)}`,
    ]);
    expect(await told(worker('a', { name: 'a', main: '../../../x.ts' }))).toEqual([
      `path-outside-repository ${at('a', 3)}`,
    ]);
    expect(await told(worker('a', { name: 'a', main: 'dist/x.js', build: { command: 'make' } }))).toEqual([]);
  });

  it('is deployed with an environment where only those have bindings', async () => {
    const env = { production: { vars: { A: '1' } }, live: { vars: { A: '2' } } };
    const [problem] = await problemsOf(worker('a', { name: 'a', main: 'index.ts', env }));
    expect(problem).toMatchObject({
      rule: 'worker-environment',
      remedy: expect.stringContaining('Choose production, live'),
      place: { file: 'services/a/wrangler.jsonc', line: 4 },
    });
    expect(
      await told(
        worker('a', { name: 'a', main: 'index.ts', env: { ...env, staging: { vars: { A: '3' } } } }),
      ),
    ).toEqual([]);
  });

  it('has secrets that are declared, and are no variables', async () => {
    const service = {
      'services/a/service.yml':
        'target: edge\nhealth: [{ http: /h }]\nsecrets:\n  - TOKEN\n  - KEY\nenv: { KEY: x }\n',
    };
    const source = { 'services/a/index.ts': 'export default { TOKEN: 0, KEY: 0 };\n' };
    const config = {
      name: 'a',
      main: 'index.ts',
      vars: { TOKEN: 'public' },
      secrets: { required: ['TOKEN', 'OTHER'] },
    };
    expect(await told(worker('a', config, { ...service, ...source }))).toEqual([
      'worker-secret-variable services/a/service.yml:4',
      'worker-secret-variable services/a/service.yml:5',
      `worker-secret-undeclared ${at('a', 8)}`,
    ]);
  });

  it.each([
    '<database id>',
    'your-id-here',
    'xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx',
    '00000000-0000-0000-0000-000000000000',
    '${DB_ID}',
    '',
  ])('has ids that are some: %j', async (id) => {
    const config = (database_id: string) => ({
      name: 'a',
      main: 'index.ts',
      d1_databases: [{ binding: 'DB', database_name: 'db', database_id }],
      kv_namespaces: [{ binding: 'KV', id: '0123456789abcdef0123456789abcdef' }],
    });
    expect(await told(worker('a', config(id)))).toEqual([`worker-placeholder ${at('a', 8)}`]);
    expect(await told(worker('a', config(uuid)))).toEqual([]);
  });

  it('has no ids in comments, and no bindings of one name', async () => {
    expect(
      await told(
        worker(
          'a',
          `{\n "name": "a", "main": "index.ts",\n // the id of the database: see the account\n /*\n "database_id": "${uuid}" */\n "vars": { "X": "//" },\n "kv_namespaces": [{ "binding": "X" }, { "binding": "Y" }] }`,
        ),
      ),
    ).toEqual([`worker-commented-id ${at('a', 5)}`, `worker-binding-twice ${at('a', 6)}`]);
  });

  it('has a migration for each Durable Object class, and each tag once', async () => {
    const bindings = [
      { name: 'A', class_name: 'A' },
      { name: 'B', class_name: 'B' },
      { name: 'C', class_name: 'C', script_name: 'other' },
    ];
    const config = {
      name: 'a',
      main: 'index.ts',
      durable_objects: { bindings },
      migrations: [
        { tag: 'v1', new_sqlite_classes: ['A', 'B'] },
        { tag: 'v1', deleted_classes: ['B'] },
      ],
    };
    const problems = await problemsOf(worker('a', config));
    expect(problems.map(({ rule, severity, message }) => `${severity} ${rule}: ${message}`)).toEqual([
      'error worker-durable-object: No migration makes the Durable Object class "B".',
      'warning worker-service-unknown: No worker of this repository is deployed as "other".',
      'error worker-durable-object: Two migrations have the tag "v1": the later one never runs.',
    ]);
  });

  it('has its bindings in every environment', async () => {
    const bound = (...names: string[]) => ({ kv_namespaces: names.map((binding) => ({ binding })) });
    const config = {
      name: 'a',
      main: 'index.ts',
      ...bound('X', 'Y'),
      vars: { LEVEL: 'info' },
      env: { staging: { ...bound('X'), vars: {} }, live: bound('X', 'Y') },
    };
    const problems = await problemsOf(worker('a', config));
    expect(problems.map(({ severity, message, place }) => `${severity} ${place.line} ${message}`)).toEqual([
      'warning 16 "Y" is bound everywhere but in env.staging.',
      'error 24 "vars" stands at the top, and env.live does not inherit it.',
    ]);
  });
});

describe('workers together', () => {
  const plain = (name: string, more: object = {}) => ({ name, main: 'index.ts', ...more });

  it('have names of their own', async () => {
    const files = {
      ...worker('a', plain('shop-staging')),
      ...worker('b', plain('shop', { env: { staging: {} } })),
    };
    expect(await told(files)).toEqual([`worker-name-taken ${at('b', 5)}`]);
    expect(await told(files, ['a'])).toEqual([`worker-name-taken ${at('a', 2)}`]);
    expect(await told({ ...files, ...worker('a', plain('shop-staging', { account_id: 'other' })) })).toEqual(
      [],
    );
    // The top and an environment may say the same.
    const twice = {
      vars: { A: '1' },
      env: { production: { name: 'shop', vars: { A: '1' } }, staging: { vars: { A: '1' } } },
    };
    expect(await told(worker('b', plain('shop', twice)))).toEqual([]);
    const other = { vars: { A: '1' }, env: { production: { name: 'shop', vars: { A: '2' } } } };
    expect(await told(worker('b', plain('shop', other)))).toEqual([`worker-name-taken ${at('b', 8)}`]);
  });

  it('agree about what they share', async () => {
    const bound = (id: string, limit: number, name = 'shared') => ({
      d1_databases: [{ binding: 'DB', database_name: name, database_id: id }],
      ratelimits: [{ name: 'LIMIT', namespace_id: '1001', simple: { limit, period: 60 } }],
    });
    const files = {
      ...worker('a', plain('a', bound(uuid, 10))),
      ...worker('b', plain('b', bound(uuid, 10))),
    };
    expect(await told(files)).toEqual([]);
    const otherId = { ...files, ...worker('b', plain('b', bound(uuid.replace('1', '9'), 20))) };
    const problems = await problemsOf(otherId);
    expect(brief(problems)).toEqual([
      `worker-bindings-disagree ${at('b', 8)}`,
      `worker-bindings-disagree ${at('b', 15)}`,
    ]);
    expect(problems[0]?.message).toContain('services/a/wrangler.jsonc:8:4');
    expect(problems[1]?.message).toContain('20 in 60 s, and 10 in 60 s in the top of the file of services/a');
    expect(await told({ ...files, ...worker('b', plain('b', bound(uuid, 10, 'renamed'))) })).toEqual([
      `worker-bindings-disagree ${at('b', 7)}`,
    ]);
  });

  it('are bound to each other as they are deployed', async () => {
    const to = (...services: string[]) => ({
      services: services.map((service, index) => ({ binding: `B${index}`, service })),
    });
    const limiter = worker(
      'limiter',
      plain('limiter', { env: { production: { vars: { A: 1 } }, staging: { vars: { A: 1 } } } }),
    );
    const user = (service: string, dependsOn = 'depends-on: [limiter]\n') =>
      worker('user', plain('user', { env: { staging: to(service) } }), {
        'services/user/service.yml': `target: edge\nhealth: [{ http: /health }]\n${dependsOn}`,
      });
    const of = async (service: string, dependsOn?: string) =>
      (await problemsOf({ ...limiter, ...user(service, dependsOn) })).map(
        ({ rule, severity, remedy }) => `${severity} ${rule}: ${remedy}`,
      );
    expect(await of('limiter-staging')).toEqual([]);
    expect(await of('limiter-stagin')).toEqual([
      expect.stringMatching(/^error worker-service-unknown: Did you mean "limiter-staging"\?/),
    ]);
    expect(await of('limiter')).toEqual([
      expect.stringMatching(/^error worker-service-unknown: .*Here are deployed/),
    ]);
    expect(await of('somebody-elses-worker')).toEqual([
      'warning worker-service-unknown: Make sure that the account has it from elsewhere.',
    ]);
    expect(await of('limiter-production')).toEqual([
      'warning worker-service-environment: Bind it to "limiter-staging".',
    ]);
    // The plan knows the order by the binding.
    expect(await of('limiter-staging', '')).toEqual([]);
  });

  it('may be bound to each other both ways, and to themselves', async () => {
    const both = (name: string, other: string) =>
      worker(
        name,
        plain(name, {
          services: [
            { binding: 'A', service: other },
            { binding: 'B', service: name },
          ],
        }),
      );
    expect(await told({ ...both('a', 'b'), ...both('b', 'a') })).toEqual([]);
  });
});

it('tells a path alone as the health check of what is no worker', async () => {
  const files = {
    'services/web/README.md': '',
    'services/web/compose.yml': 'services: { web: { image: "a:1" } }\n',
    'services/web/service.yml': 'target: edge\ndriver: compose\nhealth:\n  - { http: /health }\n',
  };
  expect(await told(files)).toEqual(['invalid-value services/web/service.yml:4']);
});
