import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { closeServers, httpServer } from '../support/local-server.ts';
import { createRepository, type Files, type Repository, removeRepositories } from '../support/repository.ts';
import { runAction } from '../support/run-action.ts';

afterEach(closeServers);
afterAll(removeRepositories);

const files = {
  'launch.yml':
    'targets:\n  homelab: {runs-on: [self-hosted, homelab], host: 192.0.2.10}\n  edge: {runs-on: ubuntu-latest, environment: edge}\ndefaults: {target: homelab}\n',
  'services/db/compose.yml': 'services: {db: {image: x, ports: ["5432:5432"]}}\n',
  'services/web/compose.yml': 'services: {web: {image: x, ports: ["80:80"]}}\n',
  'services/web/service.yml': 'depends-on: [db]\n',
  'services/worker/wrangler.toml': 'name = "worker"\n',
  'services/worker/target.txt': 'edge\n',
  'services/off/deploy.sh': '',
  'services/off/service.yml': 'enabled: false\n',
};

async function resolveIn(
  shop: Repository,
  inputs: Readonly<Record<string, string>>,
  env?: Record<string, string>,
) {
  const run = await runAction('resolve-runner-target', {
    inputs,
    cwd: shop.path,
    ...(env === undefined ? {} : { env }),
  });
  const json = (name: string): unknown => JSON.parse(run.outputs[name] || 'null');
  return {
    run,
    matrix: json('matrix'),
    waves: json('waves'),
    workers: json('workers'),
    targets: json('targets'),
    plan: json('plan'),
  };
}

describe('the action resolve-runner-target', () => {
  const shop = repositoryWith(files);

  it('hands a matrix for each wave to the workflow', async () => {
    const { run, waves, matrix, workers, targets, plan } = await resolveIn(shop, { services: 'all' });
    expect(run).toMatchObject({ exitCode: 0, outputs: { any: 'true' }, annotations: [] });
    const db = {
      service: 'db',
      services: ['db'],
      target: 'homelab',
      'runs-on': ['self-hosted', 'homelab'],
      environment: '',
      driver: 'compose',
      wave: 1,
      url: 'http://192.0.2.10:5432',
    };
    const worker = {
      service: 'worker',
      services: ['worker'],
      target: 'edge',
      'runs-on': 'ubuntu-latest',
      environment: 'edge',
      driver: 'worker',
      wave: 1,
      url: '',
    };
    const web = { ...db, service: 'web', services: ['web'], wave: 2, url: 'http://192.0.2.10' };
    expect(waves).toEqual([{ include: [db, worker] }, { include: [web] }]);
    expect(matrix).toEqual({ include: [db, worker, web] });
    expect(workers).toEqual({
      include: [{ target: 'edge', environment: 'edge', 'runs-on': 'ubuntu-latest', services: ['worker'] }],
    });
    expect(JSON.parse(run.outputs['worker-services'] ?? '')).toEqual(['worker']);
    // What is switched off is left to the action that refuses it.
    expect(JSON.parse(run.outputs['hosted'] ?? '')).toEqual(['db', 'web', 'off']);
    expect(targets).toEqual(['edge', 'homelab']);
    expect(plan).toMatchObject({ services: { web: { homelab: { wave: 2 } } }, disabled: ['off'] });
    expect(run.summary).toMatch(/### To deploy: 3 services to 2 targets/);
  });

  it('knows a further target by one block of launch.yml', async () => {
    const more = repositoryWith(files);
    const without = await resolveIn(more, { services: 'web', target: 'gpu' });
    expect(without.run.annotations.map(({ message }) => message)).toEqual([
      expect.stringContaining('There is no target "gpu"'),
    ]);
    const block =
      '  gpu: {runs-on: {group: big, labels: [self-hosted, gpu]}, environment: gpu-room, host: 192.0.2.9}\n';
    more.commit({
      'launch.yml': String(files['launch.yml']).replace('defaults:', `${block}defaults:`),
      'services/web/service.yml':
        'depends-on: [db]\ntargets:\n  homelab:\n  gpu: {ports: {web: ["8081:80"]}}\n',
    });
    const { run, matrix } = await resolveIn(more, { services: 'web' });
    expect(run).toMatchObject({ exitCode: 0, outputs: { targets: '["gpu","homelab"]', unreachable: '[]' } });
    // All that a job needs of it; no workflow names a target.
    expect(matrix).toMatchObject({
      include: [
        {
          service: 'web',
          target: 'gpu',
          'runs-on': { group: 'big', labels: ['self-hosted', 'gpu'] },
          environment: 'gpu-room',
          url: 'http://192.0.2.9:8081',
        },
        { service: 'web', target: 'homelab', environment: '', url: 'http://192.0.2.10' },
      ],
    });
  });

  it('takes the list of detect-changed-services as it is, and an empty one for nothing', async () => {
    const some = await resolveIn(shop, { services: '["web","off"]' });
    expect(some.matrix).toMatchObject({ include: [{ service: 'web', wave: 1 }] });
    const none = await resolveIn(shop, { services: '[]' });
    expect(none.run).toMatchObject({
      exitCode: 0,
      outputs: {
        any: 'false',
        waves: '[]',
        matrix: '{"include":[]}',
        workers: '{"include":[]}',
        targets: '[]',
      },
    });
  });

  it('refuses an output that was never written, instead of deploying everything', async () => {
    const { run } = await resolveIn(shop, { services: '' });
    expect(run).toMatchObject({ exitCode: 1, outputs: {} });
    expect(run.annotations[0]?.message).toMatch(/`services`/);
  });

  it('groups by target when asked to', async () => {
    const grouped = await resolveIn(shop, { services: 'db, worker', 'group-by': 'target' });
    expect(grouped.matrix).toMatchObject({
      include: [
        { target: 'homelab', service: 'db' },
        { target: 'edge', service: 'worker' },
      ],
    });
  });

  it('explains a wrong target and a wrong service at their place', async () => {
    const [wrong] = (await resolveIn(shop, { services: 'web', target: 'homelap' })).run.annotations;
    expect(wrong).toMatchObject({
      title: 'TARGET_UNKNOWN',
      message: expect.stringMatching(/\(the `target` input\).*Did you mean "homelab"/),
    });
    // An input is no file that could be annotated.
    expect(wrong?.file).toBeUndefined();
    expect((await resolveIn(shop, { services: '../x' })).run.annotations[0]).toMatchObject({
      title: 'SERVICE_NOT_FOUND',
    });
    const circle = repositoryWith({ ...files, 'services/db/service.yml': 'depends-on: [web]\n' });
    expect((await resolveIn(circle, { services: 'all' })).run.annotations[0]).toMatchObject({
      title: 'CONFIG_INVALID',
      message: expect.stringMatching(/circle: (db → web → db|web → db → web)/),
    });
  });

  it('goes on without a token that may list runners, and fails for a missing runner with one', async () => {
    const without = await resolveIn(shop, { services: 'all', 'check-runners': 'fail' });
    expect(without.run).toMatchObject({ exitCode: 0, outputs: { any: 'true' } });
    expect(without.run.annotations).toEqual([
      expect.objectContaining({ level: 'warning', message: expect.stringMatching(/was not checked/) }),
    ]);
    const { port } = await httpServer((request, response) => {
      response.writeHead(request.url?.startsWith('/repos/octo/shop/actions/runners') ? 200 : 404);
      response.end(JSON.stringify({ total_count: 0, runners: [] }));
    });
    const env = { GITHUB_API_URL: `http://127.0.0.1:${port}` };
    const inputs = { services: 'all', token: 'a-token', 'check-runners': 'fail' };
    const missing = await resolveIn(shop, inputs, env);
    expect(missing.run.annotations[0]).toMatchObject({ level: 'error', title: 'VALIDATION_FAILED' });
    const warned = await resolveIn(shop, { ...inputs, 'check-runners': 'warn' }, env);
    expect(warned.run).toMatchObject({ exitCode: 0, outputs: { any: 'true' } });
  });

  it('keeps 600 services within the limits of a matrix and of an output', async () => {
    const many = repositoryWith(
      Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`services/s${index}/deploy.sh`, ''])),
    );
    const { run, matrix } = await resolveIn(many, { services: 'all' });
    expect(run.exitCode).toBe(0);
    expect(matrix).toMatchObject({
      include: [{ service: '', services: { length: 600 }, 'runs-on': 'self-hosted' }],
    });
    expect(run.annotations).toEqual([
      expect.objectContaining({ level: 'warning', message: expect.stringMatching(/256/) }),
    ]);
    expect(Object.values(run.outputs).join('').length).toBeLessThan(500_000);
  });
});

function repositoryWith(content: Files): Repository {
  const repository = createRepository();
  repository.commit(content);
  return repository;
}
