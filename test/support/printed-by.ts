// Which test file prints the result of each command with `--json`. What a file is named for here it has to have printed
// by its end, without an error: `launch-command.ts` sees to that.

const few = 'test/integration/cli/json-output.test.ts';
const gpu = 'test/integration/gpu/command.test.ts';
const instances = 'test/e2e/instances.test.ts';
const tunnel = 'test/e2e/tunnel.test.ts';

/** By the words of `outputs` in src/cli/output/outputs.ts. */
export const printedBy: Readonly<Record<string, string>> = {
  adopt: 'test/e2e/adopt.test.ts',
  completion: 'test/integration/cli/completion.test.ts',
  deploy: few,
  diff: 'test/integration/cli/diff.test.ts',
  doctor: 'test/integration/cli/doctor.test.ts',
  'doctor --targets': 'test/integration/cli/doctor-targets.test.ts',
  'edge up': few,
  'edge status': few,
  'edge down': few,
  freeze: few,
  'gpu ensure': gpu,
  'gpu status': gpu,
  'gpu delete': gpu,
  'gpu reap': gpu,
  'gpu check': gpu,
  history: few,
  init: few,
  'instance deploy': instances,
  'instance deploy --all': instances,
  'instance destroy': instances,
  'instance status': instances,
  'instance list': instances,
  logs: 'test/integration/cli/logs.test.ts',
  new: few,
  'new --list': few,
  notify: 'test/integration/cli/notify.test.ts',
  plan: 'test/integration/cli/plan.test.ts',
  recover: few,
  remove: few,
  rollback: few,
  status: few,
  'tunnel up': tunnel,
  'tunnel status': tunnel,
  'tunnel remove': tunnel,
  unfreeze: few,
  unlock: few,
  validate: few,
};
