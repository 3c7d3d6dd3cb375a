import { describe, expect, it } from '@jest/globals';
import type { InspectedContainer } from '../../../src/adapters/engine/containers.ts';
import { isAsked } from '../../../src/operations/deploy/compose/asked-containers.ts';
import { expectedBy, isJob } from '../../../src/operations/deploy/compose/meant-to-run.ts';

function container(policy: string, ports: readonly string[] = []): InspectedContainer {
  const bindings = ports.map((port) => [`${port}/tcp`, [{ HostIp: '127.0.0.1', HostPort: port }]]);
  return {
    Id: 'a',
    Name: '/shop-web-1',
    Image: 'sha256:1',
    State: { Status: 'exited', Running: false, ExitCode: 0, StartedAt: '' },
    Config: { Labels: { 'com.docker.compose.service': 'web' } },
    HostConfig: { RestartPolicy: { Name: policy }, PortBindings: Object.fromEntries(bindings) },
    Mounts: [],
    NetworkSettings: { Networks: {} },
  };
}

describe('isJob', () => {
  it.each<[string, InspectedContainer, string | undefined, boolean]>([
    ['nothing keeps it running', container('no'), undefined, true],
    ['it is tried again when it fails', container('on-failure'), 'api', true],
    ['it is kept running', container('unless-stopped'), undefined, false],
    ['it publishes a port', container('', ['8080']), undefined, false],
    ['requests are led to it', container(''), 'web', false],
  ])('%s', (_title, it, routed, expected) => {
    expect(isJob(it, routed)).toBe(expected);
  });
});

describe('expectedBy', () => {
  const recorded = (running?: boolean) => ({
    containers: [{ id: 'a', name: 'shop-web-1', service: 'web', running }],
  });

  it('goes by what the record says of it, and by what it is where an older one says nothing', () => {
    expect(expectedBy(recorded(true), [container('no')])).toMatchObject({ ran: new Set(['a']) });
    expect(expectedBy(recorded(false), [container('always')]).idle).toEqual(new Set(['a']));
    expect(expectedBy(recorded(), [container('always')])).toMatchObject({ idle: new Set(), ran: new Set() });
    expect(expectedBy(recorded(), [container('no')]).idle).toEqual(new Set(['a']));
  });
});

describe('isAsked', () => {
  const timing = { timeoutMs: 1, intervalMs: 1, attemptMs: 1, successes: 1 };
  const tcp = { kind: 'tcp', host: '127.0.0.1', port: 8080, ...timing } as const;
  const command = { kind: 'command', argv: ['true'], cwd: '/', env: {}, ...timing } as const;

  it('knows the ports of checks', () => {
    expect(isAsked(container('', ['8080']), [tcp], false)).toBe(true);
    expect(isAsked(container('', ['8081']), [tcp], false)).toBe(false);
    expect(isAsked(container(''), [tcp], false)).toBe(false);
  });

  it('takes a command to ask what can be reached', () => {
    expect(isAsked(container('', ['8081']), [command], false)).toBe(true);
    expect(isAsked(container(''), [command], false)).toBe(false);
  });

  it('takes every check to ask the only container', () => {
    expect(isAsked(container(''), [command], true)).toBe(true);
    expect(isAsked(container(''), [], true)).toBe(false);
  });
});
