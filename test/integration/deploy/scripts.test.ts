import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { createHost, leftovers, removeProjects, webHealth, webService } from '../../support/deploy-host.ts';
import { removeRepositories, temporaryFolder, useHermeticGit } from '../../support/repository.ts';
import { requireTools } from '../../support/tools.ts';

useHermeticGit();
afterAll(removeRepositories);

const script = (...lines: string[]) => ({ executable: ['#!/bin/sh', 'set -eu', ...lines, ''].join('\n') });

requireTools(
  'docker',
  'compose',
  'flock',
)('a compose service with a deploy.sh', () => {
  it('is started by it, in the same envelope', async () => {
    const host = await createHost();
    host.commit({
      'compose.yml': webService(host.port, '    environment: [TOKEN]\n'),
      'service.yml': `secrets: [TOKEN]\n${webHealth(host.port)}`,
      'html/index.html': 'by script',
      'deploy.sh': script(
        'echo "for $COMPOSE_PROJECT_NAME $LAUNCH_SERVICE $LAUNCH_TARGET $LAUNCH_RELEASE in $(basename "$PWD")"',
        'docker compose up --detach --quiet-pull --remove-orphans',
      ),
    });
    const secrets = (value: string) => ({ secrets: new Map([['TOKEN', value]]) });
    const first = await host.deploy(secrets('old-secret'));
    expect(first.status).toBe('deployed');
    expect(host.log).toContain(
      `for ${host.service} ${host.service} homelab ${first.release} in ${host.service}`,
    );
    expect(await host.get()).toBe('by script');
    expect((await host.deploy(secrets('old-secret'))).status).toBe('unchanged');

    host.commit({
      'html/index.html': 'broken',
      'service.yml': 'secrets: [TOKEN]\nhealth: [{ tcp: "127.0.0.1:1", timeout: 500ms }]\n',
    });
    const broken = await host.deploy(secrets('new-secret'));
    expect(broken).toMatchObject({ status: 'rolled-back', previousRelease: first.release });
    expect(await host.get()).toBe('by script');
    expect(host.containers()['web-1']?.env).toContain('TOKEN=old-secret');

    host.commit({
      'deploy.sh': script('docker compose down', 'echo giving up >&2', 'exit 7'),
      'service.yml': webHealth(host.port),
    });
    const failed = await host.deploy();
    expect(failed).toMatchObject({
      status: 'rolled-back',
      failure: { reason: expect.stringContaining('exit status 7') },
    });
    expect(failed.failure?.lines).toContain('giving up');
    expect(await host.get()).toBe('by script');
    expect(leftovers(host.service)).toEqual([]);
  });

  it('has to be executable, and takes no strategy but recreate', async () => {
    const host = await createHost();
    host.commit({ 'compose.yml': webService(host.port), 'html/index.html': 'x', 'deploy.sh': '#!/bin/sh\n' });
    const result = await host.deploy();
    expect(result).toMatchObject({
      status: 'failed',
      failure: { reason: expect.stringContaining('not executable') },
    });
    host.commit({ 'service.yml': 'strategy: rolling\n' });
    await expect(host.deploy()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('Remove deploy.sh'),
    });
  });
});

requireTools('flock')('a service of the driver script', () => {
  // Each project has a network, and an engine has room for some thirty.
  afterAll(removeProjects);
  it('is deployed, checked, put back and left alone in the same envelope', async () => {
    const host = await createHost();
    const place = temporaryFolder();
    const deploy = (text: string) => ({
      'deploy.sh': script(
        `cp page "$PLACE/page"`,
        'printf %s "$TOKEN" >"$PLACE/token"',
        'echo "released $LAUNCH_RELEASE"',
      ),
      page: text,
      'health-check.sh': script('! grep -q bad "$PLACE/page"'),
    });
    const request = {
      env: new Map([['PLACE', place]]),
      secrets: new Map([['TOKEN', 'script-secret']]),
      timeoutMs: 2000,
    };
    host.commit({ ...deploy('good'), 'service.yml': 'secrets: [TOKEN]\n' });
    const first = await host.deploy(request);
    expect(first.status).toBe('deployed');
    expect(readFileSync(join(place, 'page'), 'utf8')).toBe('good');
    expect(readFileSync(join(place, 'token'), 'utf8')).toBe('script-secret');
    expect((await host.deploy(request)).status).toBe('unchanged');

    host.commit(deploy('bad'));
    expect(await host.deploy(request)).toMatchObject({
      status: 'rolled-back',
      previousRelease: first.release,
    });
    expect(readFileSync(join(place, 'page'), 'utf8')).toBe('good');
    expect(host.log).toContain(`released ${first.release}`);

    host.commit(deploy('better'));
    expect((await host.deploy(request)).status).toBe('deployed');
    expect(readFileSync(join(place, 'page'), 'utf8')).toBe('better');
  });

  it('fails without a release to go back to', async () => {
    const host = await createHost();
    host.commit({ 'deploy.sh': script('exit 1') });
    expect(await host.deploy()).toMatchObject({
      status: 'failed',
      previousRelease: undefined,
      notPutBack: undefined,
    });
  });
});

requireTools('flock')('a worker, a service that is switched off, one with two targets', () => {
  // Each project has a network, and an engine has room for some thirty.
  afterAll(removeProjects);
  it('are refused with what to do instead', async () => {
    const host = await createHost();
    host.commit({ 'wrangler.jsonc': '{}' });
    await expect(host.deploy()).rejects.toMatchObject({
      message: expect.stringContaining('is a Cloudflare Worker, and not for a host'),
    });
    host.commit({ 'wrangler.jsonc': null, 'deploy.sh': script('true'), 'service.yml': 'enabled: false\n' });
    await expect(host.deploy()).rejects.toMatchObject({ message: expect.stringContaining('switched off') });
    host.commit({ 'service.yml': 'targets: [one, two]\n' });
    await expect(host.deploy()).rejects.toMatchObject({ message: expect.stringContaining('one, two') });
  });
});

// Only root may mount a small disk of its own.
requireTools('root', 'flock')('a full disk', () => {
  it('stops a deployment before anything stops', async () => {
    const host = await createHost();
    const disk = join(temporaryFolder(), 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', disk]);
    try {
      host.commit({ 'deploy.sh': script('echo ran') });
      const first = await host.deploy({ stateDir: disk });
      expect(first.status).toBe('deployed');
      host.commit({ big: 'x'.repeat(600_000) });
      await expect(host.deploy({ stateDir: disk })).rejects.toMatchObject({
        code: 'DISK_FULL',
        message: expect.stringContaining(disk),
      });
      const folder = join(disk, 'octo/shop/homelab', host.service);
      expect(readdirSync(join(folder, 'releases'))).toEqual([first.release]);
      expect(existsSync(join(folder, 'journal'))).toBe(false);
      expect(host.log.filter((line) => line === 'ran')).toHaveLength(1);
      host.commit({ big: null });
      expect((await host.deploy({ stateDir: disk, force: true })).status).toBe('deployed');
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});
