import { inputs } from '../../runner/inputs.ts';

export function readInputs() {
  const services = inputs.list('services');
  return {
    services: services?.length === 1 && services[0] === 'all' ? ('all' as const) : services,
    base: inputs.text('base'),
    head: inputs.text('head'),
    commit: inputs.text('commit'),
    since: inputs.choice('since', ['last-success', 'event'], 'last-success'),
    config: inputs.text('config'),
    cwd: inputs.text('working-directory') ?? process.cwd(),
    token: inputs.text('token'),
    checkRunners: inputs.choice('check-runners', ['off', 'warn', 'skip', 'fail'], 'off'),
    runnersToken: inputs.text('runners-token'),
    summary: inputs.boolean('summary', true),
  };
}
