import { inputs } from '../../runner/inputs.ts';

export function readInputs() {
  return {
    waves: inputs.required('waves'),
    config: inputs.text('config'),
    token: inputs.text('token'),
  };
}
