import { describe, expect, it } from '@jest/globals';
import {
  type ContainerConfig,
  endpointsOf,
  isAttached,
  readKept,
  restoredContainer,
  standByCopy,
} from '../../../../src/core/deploy/kept-container.ts';

const id = 'abcdef012345'.padEnd(64, '0');
const original: ContainerConfig = {
  Id: id,
  Name: '/chat-web-1',
  Image: 'sha256:1',
  State: { Running: true },
  Config: {
    Hostname: id.slice(0, 12),
    Image: 'nginx:1',
    Env: ['TOKEN=old'],
    Labels: { 'com.docker.compose.project': 'chat' },
  },
  HostConfig: {
    RestartPolicy: { Name: 'always' },
    NetworkMode: 'chat_default',
    Binds: ['/host:/data:ro'],
    Mounts: [{ Type: 'volume', Target: '/unnamed' }],
  },
  Mounts: [
    { Type: 'bind', Destination: '/data', RW: false },
    { Type: 'volume', Name: 'v1', Destination: '/unnamed', RW: true },
    { Type: 'volume', Name: 'v2', Destination: '/anonymous', RW: true },
  ],
  NetworkSettings: {
    Networks: {
      chat_default: { Aliases: ['web', id.slice(0, 12)], IPAddress: '10.0.0.2', IPAMConfig: null },
    },
  },
};

describe('a stand-by copy', () => {
  const copy = standByCopy(original, 'r2', 'chat');

  it('has everything but what compose or a restart would take for the original', () => {
    expect(copy.body).toMatchObject({
      Image: 'sha256:1',
      Env: ['TOKEN=old'],
      HostConfig: {
        RestartPolicy: { Name: 'no' },
        Binds: ['/host:/data:ro', 'v2:/anonymous'],
        Mounts: [{ Type: 'volume', Target: '/unnamed', Source: 'v1' }],
      },
    });
    expect(copy.body).not.toHaveProperty('Hostname');
    expect(Object.keys(copy.body['Labels'] as object)).toEqual(['launch.kept', 'launch.kept.project']);
  });

  it('becomes the original again', () => {
    const labels = copy.body['Labels'] as Record<string, string>;
    const record = readKept(labels);
    if (record === undefined) throw new Error('the label can not be read');
    const { HostConfig: host, Labels: _labels, ...config } = copy.body;
    const inspected = { ...original, Config: config, HostConfig: host as Record<string, unknown> };
    const restored = restoredContainer(inspected, record, new Map());
    expect(restored).toMatchObject({
      name: 'chat-web-1',
      body: {
        Image: 'nginx:1',
        Env: ['TOKEN=old'],
        Labels: { 'com.docker.compose.project': 'chat' },
        HostConfig: { RestartPolicy: { Name: 'always' }, NetworkMode: 'chat_default' },
        NetworkingConfig: { EndpointsConfig: { chat_default: { Aliases: ['web'] } } },
      },
    });
  });

  it('joins the network of a container that was made anew', () => {
    const joined = { ...original, HostConfig: { NetworkMode: `container:${id}` } };
    const record = readKept(standByCopy(joined, 'r', 'p').body['Labels'] as Record<string, string>);
    if (record === undefined) throw new Error('the label can not be read');
    const restored = restoredContainer(joined, record, new Map([[id, 'new']]));
    expect(restored.body['HostConfig']).toMatchObject({ NetworkMode: 'container:new' });
  });
});

describe('isAttached', () => {
  const { chat_default: wanted = {} } = endpointsOf(original);
  const actual = { Aliases: ['0123', 'web'], NetworkID: 'n1', IPAMConfig: null };

  it('is true in the same network under all of its names', () => {
    expect(isAttached(actual, wanted, 'n1')).toBe(true);
    expect(isAttached(actual, wanted, undefined)).toBe(true);
  });

  it('is false in no network, in one of before, without a name or its address', () => {
    expect(isAttached(undefined, wanted, 'n1')).toBe(false);
    expect(isAttached(actual, wanted, 'n2')).toBe(false);
    expect(isAttached({ ...actual, Aliases: ['0123'] }, wanted, 'n1')).toBe(false);
    expect(isAttached({ ...actual, Aliases: null }, wanted, 'n1')).toBe(false);
    const fixed = { ...wanted, IPAMConfig: { IPv4Address: '10.0.0.2' } };
    expect(isAttached(actual, fixed, 'n1')).toBe(false);
    expect(isAttached({ ...actual, IPAMConfig: { IPv4Address: '10.0.0.2' } }, fixed, 'n1')).toBe(true);
  });
});
