import { inputs } from '../../runner/inputs.ts';

export function readInputs() {
  inputs.required('services');
  const services = inputs.list('services') ?? [];
  const all = services.length === 1 && services[0] === 'all';
  return {
    services: all ? ('all' as const) : services,
    target: inputs.text('target'),
    groupBy: inputs.choice('group-by', ['service', 'target'], 'service'),
    checkRunners: inputs.choice('check-runners', ['off', 'warn', 'skip', 'fail'], 'off'),
    removals: inputs.text('removals'),
    config: inputs.text('config'),
    token: inputs.text('token'),
  };
}
