// A release that says something else of a volume: compose keeps the volume, and tells nobody.
import { expect, it } from '@jest/globals';
import { createHost, type DeployHost } from '../../support/deploy-host.ts';
import { deploySuite } from '../../support/deploy-suite.ts';

const stack = ({ port }: DeployHost, data: string) => `services:
  web:
    image: launch-test/app:1
    ports: ["127.0.0.1:${port}:3000"]
    volumes: [data:/data]
volumes: { data: ${data} }
`;

deploySuite()('a volume that a release changes', () => {
  it('is named with what to do, and keeps its data', async () => {
    const host = await createHost();
    const health = `health: [{ http: "http://127.0.0.1:${host.port}/health", interval: 100ms }]\n`;
    host.commit({ 'compose.yml': stack(host, '{}'), 'service.yml': health });
    await host.deploy();
    const web = `${host.service}-web-1`;
    host.docker('exec', web, 'sh', '-c', 'echo kept >/data/file');
    host.commit({ 'compose.yml': stack(host, '{ labels: { tier: "s3cret" } }') });
    const told = /The volume lt-\w+_data stays as it is.*\(label tier\).*docker volume rm lt-\w+_data/;
    await host.deploy({ dryRun: true });
    expect(host.warnings).toEqual([expect.stringMatching(told)]);
    expect((await host.deploy()).status).toBe('deployed');
    expect(host.warnings).toEqual([expect.stringMatching(told), expect.stringMatching(told)]);
    expect(host.warnings.join()).not.toContain('s3cret');
    expect(host.docker('exec', web, 'cat', '/data/file')).toBe('kept');
  });
});
