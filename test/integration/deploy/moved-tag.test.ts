import { expect, it } from '@jest/globals';
import { createHost, type DeployHost, webService } from '../../support/deploy-host.ts';
import { deploySuite } from '../../support/deploy-suite.ts';

const suite = deploySuite();

/** A host whose service runs an image by a name that can be moved. */
async function hostOfTag() {
  const host = await createHost();
  const tag = `${host.service}.example/shop:latest`;
  const commit = (more = '') =>
    host.commit({
      'compose.yml': webService(host.port, `    stop_grace_period: 1s\n${more}`).replace(
        'launch-test/nginx:1',
        tag,
      ),
      'html/index.html': 'page',
      'service.yml': `health: [{ http: "http://127.0.0.1:${host.port}/", timeout: 10s, interval: 100ms }]\n`,
    });
  commit();
  return {
    host,
    commit,
    move: (version: 1 | 2) => host.docker('tag', `launch-test/nginx:${version}`, tag),
    remove: () => host.docker('image', 'rm', '--force', tag),
  };
}

/** Which of the two images the web server runs. */
function runs(host: DeployHost): number {
  const id = host.docker('inspect', '--format', '{{.Image}}', host.containers()['web-1']?.id ?? '');
  const idOf = (version: number) =>
    host.docker('inspect', '--format', '{{.Id}}', `launch-test/nginx:${version}`);
  return [1, 2].find((version) => idOf(version) === id) ?? 0;
}

suite('a name of an image that moves', () => {
  it('is noticed after a release that left its containers alone, and each of these can come back', async () => {
    const { host, move, remove } = await hostOfTag();
    move(2);
    const first = await host.deploy();
    move(1);
    expect((await host.deploy()).status).toBe('deployed');
    expect(runs(host)).toBe(1);
    expect(await host.deploy({ force: true })).toMatchObject({ status: 'deployed', made: [] });
    expect((await host.deploy()).status).toBe('unchanged');
    // The release that left its container alone comes back with nothing to replace, and is a release for all that.
    move(2);
    expect((await host.deploy()).status).toBe('deployed');
    expect(runs(host)).toBe(2);
    const back = await host.rollback();
    expect(back).toMatchObject({ status: 'deployed' });
    expect(runs(host)).toBe(1);
    expect(await host.rollback({ to: first.release })).toMatchObject({
      status: 'deployed',
      restores: first.release,
    });
    expect(runs(host)).toBe(2);
    // It is live now: asked for again, nothing is to be done.
    expect((await host.rollback({ to: first.release })).status).toBe('unchanged');
    remove();
  });

  it('does not end a rollback where several releases share a commit', async () => {
    const { host, commit, move, remove } = await hostOfTag();
    move(1);
    const first = await host.deploy();
    move(2);
    const second = await host.deploy();
    commit('    environment: { UNUSED: "1" }\n');
    await host.deploy();
    expect(await host.rollback()).toMatchObject({ status: 'deployed', restores: second.release });
    expect(runs(host)).toBe(2);
    expect(await host.rollback()).toMatchObject({ status: 'deployed', restores: first.release });
    expect(runs(host)).toBe(1);
    remove();
  });

  it('goes back to a release that does not differ, says so, and further back the next time', async () => {
    const { host, move, remove } = await hostOfTag();
    move(1);
    const first = await host.deploy();
    move(2);
    const second = await host.deploy();
    await host.deploy({ force: true });
    const back = await host.rollback();
    expect(back).toMatchObject({ status: 'deployed', restores: second.release, made: [] });
    expect(back.notices?.join()).toContain(`did not differ from ${second.release}`);
    expect(await host.rollback()).toMatchObject({ status: 'deployed', restores: first.release });
    expect(runs(host)).toBe(1);
    remove();
  });
});
