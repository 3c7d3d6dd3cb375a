import { environments } from '../../core/instances/instance-file.ts';
import { inputs } from '../../runner/inputs.ts';

export function readInputs() {
  inputs.required('environment');
  return {
    id: inputs.required('instance-id'),
    organisation: inputs.text('organisation'),
    environment: inputs.choice('environment', environments, 'development'),
  };
}
