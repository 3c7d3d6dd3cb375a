// The same from the download on, where the model and its services have their faults.
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { expectFault, expectReady, type Fault, fails, when, works } from '../../support/ai-sandbox/faults.ts';
import { createHost, type Host } from '../../support/ai-sandbox/host.ts';
import type { HubFault } from '../../support/ai-sandbox/hub.ts';
import { closeServers, httpServer } from '../../support/local-server.ts';
import { removeRepositories } from '../../support/repository.ts';
import { requireTools } from '../../support/tools.ts';

const shard = 'model-00001-of-00002.safetensors';
const hubHas = (fault: HubFault | undefined) => (host: Host) => {
  host.hub.fault = fault;
};
const hubWorks = hubHas(undefined);

/** Containers of which docker says so. */
const containers = (state: string, logs: string) => (host: Host) => {
  host.override = (call) => {
    if (when('docker', 'compose', 'up')(call)) return {};
    if (when('docker', 'compose', 'ps')(call)) return { output: 'c0ffee\n' };
    if (when('docker', 'inspect')(call)) return { output: `${state}\n` };
    if (when('docker', 'compose', 'logs')(call))
      return { output: `${logs} with the key ${host.secret('VLLM_API_KEY')}\n` };
    return undefined;
  };
};

/** What is on port 8000 answers so. */
const apiAnswers = (status: (path: string, key: boolean) => number) => async (host: Host) => {
  const { port } = await httpServer((request, response) => {
    const path = request.url ?? '';
    response
      .writeHead(status(path, request.headers.authorization !== undefined))
      .end(
        JSON.stringify({ data: [{ id: host.secret('MODEL_ID') }], choices: [{ message: { content: ' ' } }] }),
      );
  });
  host.env['AI_SANDBOX_API_PORT'] = String(port);
  host.override = (call) => (when('docker', 'ps')(call) ? { output: 'c0ffee\n' } : undefined);
};
const apiWorks = (host: Host) => {
  host.env['AI_SANDBOX_API_PORT'] = String(host.ports.api);
  host.override = undefined;
};

const faults: readonly Fault[] = [
  ...(
    [
      [401, 'MODEL_UNAUTHORIZED', /hf_token_password/],
      [403, 'MODEL_FORBIDDEN', /Accept the model's terms/],
      [404, 'MODEL_NOT_FOUND', /Check model_id/],
      [504, 'DOWNLOAD_TIMEOUT', /did not answer in time, 5 times/],
      [500, 'DOWNLOAD_FAILED', /curl 22, HTTP 500/],
    ] as const
  ).map(([status, code, says]) => ({
    name: `a hub that answers ${status}`,
    phase: 'download',
    code,
    says,
    inject: hubHas({ on: '/api/models/', status }),
    mend: hubWorks,
  })),
  {
    name: 'a model that does not fit into the GPU',
    phase: 'download',
    code: 'GPU_TOO_SMALL',
    says: /need about 1 MiB of GPU memory; there are 0 MiB/,
    inject: ({ machine, env }) => {
      machine.gpuMib = 0;
      env['AI_SANDBOX_GPU_MIB'] = '0';
    },
    mend: ({ machine, env }) => {
      machine.gpuMib = 20_475;
      env['AI_SANDBOX_GPU_MIB'] = '18000';
    },
  },
  {
    name: 'a name that leads out of the folder',
    phase: 'download',
    code: 'DOWNLOAD_FAILED',
    says: /list of files from the hub/,
    inject: ({ hub }) => hub.files.set('../../../etc/cron.d/x', Buffer.from('x')),
    mend: ({ hub }) => hub.files.delete('../../../etc/cron.d/x'),
  },
  {
    name: 'a disk that the model does not fit on',
    phase: 'download',
    code: 'DISK_FULL',
    says: /needs 0 MiB more in \/opt\/small, and 0 MiB are free/,
    inject: ({ system, env }) => {
      system.limitSpace('/opt/small', 64 * 1024);
      Object.assign(env, { AI_SANDBOX_MODELS_DIR: '/opt/small', AI_SANDBOX_MODELS_GIB: '0' });
    },
    mend: ({ system }) => system.limitSpace('/opt/small', 512 * 1024),
  },
  {
    name: 'a disk that something else fills meanwhile',
    phase: 'download',
    code: 'DISK_FULL',
    says: /disk of \/opt\/small is full/,
    inject: ({ system, hub }) => {
      hub.onRequest = (url) => {
        if (url.endsWith(shard))
          system.inside('/bin/sh', '-c', 'head -c 400000 /dev/zero >/opt/small/filler');
      };
    },
    mend: ({ env, hub, system }) => {
      // What was half there is gone: the machine itself has to write, too.
      expect(system.inside('/usr/bin/find', '/opt/small', '-name', '*.safetensors')).toBe('');
      hub.onRequest = undefined;
      delete env['AI_SANDBOX_MODELS_DIR'];
    },
  },
  {
    name: 'a download that stands still',
    phase: 'download',
    code: 'DOWNLOAD_TIMEOUT',
    says: /00001-of-00002\.safetensors \(\d+ of 200000 bytes are here\)/,
    inject: ({ hub }) => {
      hub.files.set(shard, Buffer.alloc(200_000, 2));
      hub.fault = { on: shard, stallAfter: 0 };
    },
    mend: hubWorks,
  },
  {
    name: 'a file that is not what the hub has listed',
    phase: 'download',
    code: 'DOWNLOAD_CORRUPT',
    says: /checksum of model-00001-of-00002\.safetensors/,
    inject: hubHas({ on: shard, corrupt: true }),
    mend: hubWorks,
  },
  {
    name: 'images that can not be fetched',
    phase: 'start',
    code: 'IMAGE_PULL_FAILED',
    says: /3 times in a row/,
    inject: fails(when('docker', 'pull')),
    mend: works,
  },
  {
    name: 'a folder that Open WebUI may not write to',
    phase: 'start',
    code: 'DATA_NOT_WRITABLE',
    says: /\/opt\/open-webui/,
    inject: fails(when('docker', 'run', 'open-webui')),
    mend: works,
  },
  {
    name: 'containers that are not made',
    phase: 'start',
    code: 'SERVICE_NOT_STARTING',
    says: /could not start the services/,
    inject: fails(when('docker', 'up')),
    mend: works,
  },
  {
    name: 'a service that ends',
    phase: 'start',
    code: 'SERVICE_NOT_STARTING',
    says: /open-webui has ended[\s\S]*may not write its data/,
    inject: containers('exited 0', 'sqlite3.OperationalError: attempt to write a readonly database'),
    mend: works,
  },
  {
    name: 'a model that the GPU is too small for',
    phase: 'start',
    code: 'SERVICE_NOT_STARTING',
    says: /has ended and started again 4 times[\s\S]*smaller max_model_len/,
    inject: containers('restarting 4', 'torch.OutOfMemoryError: CUDA out of memory.'),
    mend: works,
  },
  {
    name: 'a service that does not answer in time',
    phase: 'start',
    code: 'SERVICE_NOT_STARTING',
    says: /open-webui does not answer after 0 s \(\/health: 000\)/,
    inject: (host) => {
      containers('running 0', 'loading')(host);
      host.env['AI_SANDBOX_START_TIMEOUT'] = '0';
    },
    mend: (host) => {
      works(host);
      host.env['AI_SANDBOX_START_TIMEOUT'] = '60';
    },
  },
  {
    name: 'vLLM open to everyone beside /v1',
    phase: 'validate',
    code: 'VALIDATION_FAILED',
    says: /\/metrics on port \d+ answered 200, and 404 was expected/,
    inject: apiAnswers((path, key) =>
      path.startsWith('/v1') ? (key ? 200 : 401) : path === '/metrics' ? 200 : 404,
    ),
    mend: apiWorks,
  },
  {
    name: 'a model that does not answer',
    phase: 'validate',
    code: 'VALIDATION_FAILED',
    says: /\/v1\/chat\/completions answered 500, and 200 was expected/,
    inject: apiAnswers((path, key) =>
      path.includes('chat') ? 500 : path.startsWith('/v1') ? (key ? 200 : 401) : 404,
    ),
    mend: apiWorks,
  },
  {
    name: 'a model that says nothing',
    phase: 'validate',
    code: 'VALIDATION_FAILED',
    says: /empty message/,
    inject: apiAnswers((path, key) => (path.startsWith('/v1') ? (key ? 200 : 401) : 404)),
    mend: apiWorks,
  },
];

requireTools('root', 'curl')('a fault of the model or its services', () => {
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
  it('is healed by the run after it, and no key is in the log', async () => {
    await expectReady(host);
    expect(host.log()).toContain('CUDA out of memory. with the key ***');
    expect(host.log()).not.toContain(host.secret('VLLM_API_KEY'));
  });
});
