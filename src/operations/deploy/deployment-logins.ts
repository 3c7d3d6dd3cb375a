import { join } from 'node:path';
import { hostPart } from '../../core/deploy/child-env.ts';
import { registryLogins } from '../../core/deploy/registry.ts';
import { layout } from '../../core/deploy/state-layout.ts';
import type { Deployment } from './deployment.ts';
import { type Logins, loginsOf } from './logins.ts';

/** Those of a deployment whose other parts are there. */
export function loginsFor(
  deployment: Pick<
    Deployment,
    | 'request'
    | 'placement'
    | 'registries'
    | 'stateRoot'
    | 'stateFolder'
    | 'redact'
    | 'reporter'
    | 'interruption'
  >,
): Logins {
  const { request, placement, registries, stateRoot, redact, reporter, interruption } = deployment;
  return loginsOf({
    registries: registryLogins(registries, request.secrets, placement.target.secretPrefix),
    folder: join(stateRoot, deployment.stateFolder, layout.login),
    env: hostPart(request.hostEnv),
    redact,
    reporter,
    signal: () => interruption.signal,
  });
}
