// The inputs and outputs that users' workflows depend on. Adding one is fine; one that goes, or changes its
// name, breaks somebody's deployment.

interface Contract {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

const deployment = ['status', 'release', 'previous-release', 'fingerprint', 'url', 'duration-ms'];

export const publicContract: Readonly<Record<string, Contract>> = {
  'detect-changed-services': {
    inputs: ['services', 'base', 'head', 'since', 'config', 'working-directory', 'token'],
    outputs: ['services', 'deleted', 'any', 'count', 'base', 'head', 'reasons'],
  },
  'resolve-runner-target': {
    inputs: ['services', 'target', 'group-by', 'check-runners', 'config', 'token'],
    outputs: ['matrix', 'waves', 'workers', 'targets', 'any', 'plan'],
  },
  'validate-service': {
    inputs: ['services', 'required-files', 'shellcheck', 'fail-on', 'config'],
    outputs: ['valid', 'errors', 'warnings', 'report', 'sarif'],
  },
  'compose-deploy': {
    inputs: [
      'service',
      'target',
      'strategy',
      'secrets',
      'env',
      'timeout',
      'state-dir',
      'keep-releases',
      'rollback-on-failure',
      'force',
      'dry-run',
      'config',
      'token',
    ],
    outputs: deployment,
  },
  'health-check': {
    inputs: [
      'service',
      'http',
      'tcp',
      'command',
      'container',
      'expect-status',
      'expect-body',
      'headers',
      'timeout',
      'interval',
      'successes',
    ],
    outputs: ['healthy', 'attempts', 'latency-ms', 'elapsed-ms'],
  },
  'deploy-instance': {
    inputs: [
      'config',
      'operation',
      'confirm',
      'purge',
      'api-token',
      'account-id',
      'secrets',
      'timeout',
      'dry-run',
    ],
    outputs: ['status', 'instance-id', 'urls', 'resources'],
  },
  'cloudflare-tunnel': {
    inputs: [
      'operation',
      'name',
      'hostname',
      'service',
      'zone',
      'run-as',
      'network',
      'image',
      'api-token',
      'account-id',
      'overwrite-dns',
      'confirm',
      'timeout',
      'dry-run',
      'state-dir',
    ],
    outputs: ['status', 'tunnel-id', 'hostname', 'url', 'ready'],
  },
  rollback: { inputs: ['service', 'target', 'to', 'secrets', 'state-dir', 'token'], outputs: deployment },
  'wrangler-deploy': {
    inputs: [
      'service',
      'working-directory',
      'operation',
      'api-token',
      'account-id',
      'name',
      'env',
      'secrets',
      'vars',
      'version-id',
      'smoke-url',
      'gradual',
      'atomic',
      'confirm',
      'timeout',
      'dry-run',
    ],
    outputs: ['status', 'url', 'urls', 'version-id', 'previous-version-id'],
  },
  'verify-workers': {
    inputs: [
      'workers',
      'target',
      'notes',
      'command',
      'atomic',
      'secrets',
      'api-token',
      'account-id',
      'timeout',
    ],
    outputs: ['verified', 'urls', 'taken-back', 'left'],
  },
  'write-instance-config': {
    inputs: ['instance-id', 'organisation', 'environment'],
    outputs: ['config', 'created', 'instance-id', 'environment'],
  },
  deploy: {
    inputs: ['service', 'target', 'secrets', 'token'],
    outputs: [...deployment, 'urls', 'version-id', 'previous-version-id'],
  },
};
