import { inputs } from '../../runner/inputs.ts';

export function readInputs() {
  return {
    base: inputs.text('base'),
    head: inputs.text('head'),
    config: inputs.text('config'),
    report: inputs.text('report'),
    compare: inputs.boolean('compare', true),
    checkRunners: inputs.choice('check-runners', ['off', 'warn'], 'off'),
    token: inputs.text('token'),
    fetchToken: inputs.text('fetch-token'),
  };
}
