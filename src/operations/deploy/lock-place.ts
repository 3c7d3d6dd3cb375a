import type { Deployment } from './deployment.ts';

/** What of a deployment says where its lock is. */
export type LockPlace = Pick<Deployment, 'stateRoot' | 'stateFolder' | 'reporter' | 'owner' | 'charge'> & {
  readonly request: Pick<
    Deployment['request'],
    'timeoutMs' | 'hostEnv' | 'signal' | 'mayTakeItsTime' | 'runUrl' | 'by'
  >;
};
