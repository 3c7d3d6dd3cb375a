import { deserialize, serialize } from 'node:v8';
import { hostPart } from '../../core/deploy/child-env.ts';
import { redactor } from '../../core/secrets/redact.ts';
import type { Reporter } from '../reporter.ts';
import { charge, type Deployment, interruption } from './deployment.ts';
import { loginsFor } from './deployment-logins.ts';
import { redactingReporter } from './redacting-reporter.ts';

/** What can't be sent to another process, and is made anew there. */
type Alive = 'redact' | 'reporter' | 'interruption' | 'charge' | 'inputs' | 'logins';

export interface Packed {
  readonly deployment: Omit<Deployment, Alive>;
  readonly folder: string;
  readonly shared: boolean;
}

/** A deployment as bytes, with its secrets: for a pipe, and nothing else. */
export function packDeployment(
  deployment: Deployment,
  { folder, shared }: { readonly folder: string; readonly shared: boolean },
): Uint8Array {
  const { redact: _r, reporter: _p, interruption: _i, charge: _c, inputs: _f, ...others } = deployment;
  const { logins: _l, request, ...rest } = others;
  const { signal: _s, beforeEffect: _b, hostEnv, ...asked } = request;
  const plain = Object.fromEntries(Object.entries(asked).filter(([, value]) => typeof value !== 'function'));
  return serialize({
    deployment: { ...rest, request: { ...plain, hostEnv: hostPart(hostEnv) } },
    folder,
    shared,
  });
}

/** From our own process only: what it holds is not checked. */
export function unpackDeployment(
  bytes: Uint8Array,
  reporter: Reporter,
): { readonly deployment: Deployment; readonly folder: string; readonly shared: boolean } {
  const { deployment, folder, shared }: Packed = deserialize(bytes);
  const redact = redactor([...deployment.secretValues]);
  const alive = {
    ...deployment,
    inputs: [],
    redact,
    interruption: interruption(undefined),
    charge: charge(undefined),
    reporter: redactingReporter(reporter, redact),
  };
  return { folder, shared, deployment: { ...alive, logins: loginsFor(alive) } };
}
