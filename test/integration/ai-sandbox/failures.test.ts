// Every way in which stackscripts/ai-sandbox.sh can fail before it downloads, one after another on one machine: each run gets
// further than the one before it, since that one's fault is mended, and the last one makes the machine ready.
import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { expectFault, expectReady, type Fault, fails, when, works } from '../../support/ai-sandbox/faults.ts';
import { createHost, type Host } from '../../support/ai-sandbox/host.ts';
import { closeServers } from '../../support/local-server.ts';
import { removeRepositories } from '../../support/repository.ts';
import { requireTools } from '../../support/tools.ts';

const gpu = '/sys/bus/pci/devices/0000:00:02.0/vendor';
let listener: ReturnType<typeof createServer>;

const faults: readonly Fault[] = [
  {
    name: 'another system',
    phase: 'preflight',
    code: 'UNSUPPORTED_SYSTEM',
    says: /debian 12[\s\S]*Ubuntu 24\.04/,
    inject: ({ system }) => system.write('/etc/os-release', 'ID=debian\nVERSION_ID="12"\n'),
    mend: ({ system }) => system.write('/etc/os-release', 'ID=ubuntu\nVERSION_ID="24.04"\n'),
  },
  {
    name: 'no GPU',
    phase: 'preflight',
    code: 'NO_GPU',
    says: /0 found on the PCI bus, 1 needed[\s\S]*g2-gpu-rtx4000a1-s/,
    inject: ({ system }) => system.write(gpu, '0x1234\n'),
    mend: ({ system }) => system.write(gpu, '0x10de\n'),
  },
  {
    name: 'the wrong type, known at once where there is a driver',
    phase: 'preflight',
    code: 'GPU_TOO_SMALL',
    says: /has 8192 MiB of memory, and 19342 MiB are needed for mistralai[\s\S]*fits: Qwen\/Qwen2\.5-1\.5B-Instruct\./,
    inject: ({ machine }) => Object.assign(machine, { driver: true, gpuMib: 8192 }),
    mend: ({ machine }) => Object.assign(machine, { driver: false }),
  },
  {
    name: 'a disk that is too small',
    phase: 'preflight',
    code: 'DISK_TOO_SMALL',
    says: /has \d+ GiB free, and 10000\d GiB are needed/,
    inject: ({ env }) => Object.assign(env, { AI_SANDBOX_MODELS_GIB: '100000' }),
    mend: ({ env }) => Object.assign(env, { AI_SANDBOX_MODELS_GIB: '1' }),
  },
  {
    name: 'too little memory',
    phase: 'preflight',
    code: 'MEMORY_TOO_SMALL',
    says: /has 4 GiB of memory, and 14 GiB are needed/,
    inject: ({ system }) => system.write('/laid/meminfo', 'MemTotal: 4025532 kB\n'),
    mend: ({ system }) => system.write('/laid/meminfo', 'MemTotal: 16373352 kB\n'),
  },
  {
    name: 'a port that is taken',
    phase: 'preflight',
    code: 'PORT_IN_USE',
    says: /Port \d+ is in use by \S+\.[\s\S]*ss -ltnp/,
    inject: async ({ ports }) => {
      listener = createServer();
      await new Promise<void>((done) => listener.listen(ports.api, '127.0.0.1', done));
    },
    mend: async () => await new Promise((done) => listener.close(done)),
  },
  {
    name: 'no packages',
    phase: 'packages',
    code: 'PACKAGES_FAILED',
    says: /apt-get could not install/,
    inject: fails(when('apt-get', 'update')),
    mend: works,
  },
  {
    name: 'no driver to install',
    phase: 'driver',
    code: 'DRIVER_FAILED',
    says: /driver 580 could not be installed/,
    inject: fails(when('ubuntu-drivers')),
    mend: works,
  },
  {
    name: 'the wrong type, known when there is a driver',
    phase: 'driver',
    code: 'GPU_TOO_SMALL',
    says: /has 8192 MiB/,
    inject: () => {},
    mend: ({ machine }) => Object.assign(machine, { gpuMib: 20_475 }),
  },
  {
    name: 'no Docker',
    phase: 'docker',
    code: 'DOCKER_FAILED',
    says: /Docker could not be installed/,
    inject: fails(when('apt-get', 'docker.io')),
    mend: works,
  },
  {
    name: 'no container toolkit',
    phase: 'toolkit',
    code: 'TOOLKIT_FAILED',
    says: /no nvidia runtime/,
    inject: fails(when('nvidia-ctk')),
    mend: works,
  },
  {
    name: 'a compose file that is not accepted',
    phase: 'configure',
    code: 'CONFIGURATION_FAILED',
    says: /docker-compose\.override\.yml/,
    inject: fails(when('docker', 'compose', 'config')),
    mend: works,
  },
  {
    name: 'what nobody has thought of',
    phase: 'configure',
    code: 'INTERNAL',
    says: /unexpectedly \(status 1, line \d+ ended with 1/,
    // A folder where a file belongs.
    inject: ({ system }) => system.write('/root/ai-sandbox-credentials.txt/x', ''),
    mend: ({ system }) => system.remove('/root/ai-sandbox-credentials.txt'),
  },
  {
    name: 'no firewall',
    phase: 'configure',
    code: 'FIREWALL_FAILED',
    says: /iptables did not take/,
    inject: fails(when('iptables-restore')),
    mend: works,
  },
];

requireTools('root', 'curl')('a fault of the AI sandbox', () => {
  let host: Host;
  beforeAll(async () => {
    host = await createHost();
  });
  afterAll(async () => {
    await host.close();
    closeServers();
    removeRepositories();
  });

  it.each(faults)('$name: $code', async (fault) => await expectFault(host, fault));
  it('is healed by the run after it, and leaves nothing half-written', async () => {
    await expectReady(host);
    const left = host.system.inside(
      '/bin/ls',
      '-A',
      '/opt/ai-sandbox',
      '/etc/systemd/system',
      '/var/log/ai-sandbox',
    );
    expect(left.split('\n').filter((name) => /\.[0-9]+$/.test(name))).toEqual([]);
  });
});
