import { hideInTraces } from '../../adapters/process/command-trace.ts';
import type { OuterFiles } from '../../adapters/snapshot/take-snapshot.ts';
import type { Owner } from '../../core/deploy/additions.ts';
import { hostPart, portPart, servicePart } from '../../core/deploy/child-env.ts';
import type { Release, ReleaseRegistry } from '../../core/deploy/release.ts';
import { stateFolder } from '../../core/deploy/state-layout.ts';
import type { Placement, Service } from '../../core/project/service.ts';
import { redactor } from '../../core/secrets/redact.ts';
import type { Reporter } from '../reporter.ts';
import { type Charge, charge, type Deployment, type Interruption, interruption } from './deployment.ts';
import { loginsFor } from './deployment-logins.ts';
import { redactingReporter } from './redacting-reporter.ts';
import type { DeployRequest } from './request.ts';

/** What differs between the deployment of a commit and that of a release of before. */
export interface DeploymentParts {
  /** Its `env` is what is handed over. */
  readonly request: DeployRequest;
  readonly owner: Owner;
  readonly service: Service;
  readonly placement: Placement;
  readonly top: string;
  readonly commit: string;
  readonly folder: string;
  readonly inputs: readonly OuterFiles[];
  readonly fingerprint: string;
  /** Those that the service declares. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Other values that may turn up nowhere. */
  readonly hidden: readonly string[];
  readonly registries: readonly ReleaseRegistry[];
  readonly stateRoot: string;
  /** LAUNCH_PORT; undefined where the target has no range of ports. */
  readonly port: number | undefined;
  readonly restores?: { readonly release: Release; readonly path: string } | undefined;
  readonly notices?: readonly string[];
  /** Of the one that this takes the place of, under the same lock. */
  readonly interruption?: Interruption | undefined;
  readonly charge?: Charge | undefined;
}

export function assembleDeployment(parts: DeploymentParts, reporter: Reporter): Deployment {
  const { request, owner, service, placement, secrets } = parts;
  const secretValues = [...new Set([...request.secrets.values(), ...secrets.values(), ...parts.hidden])];
  const redact = redactor(secretValues);
  hideInTraces(redact);
  const heard = parts.interruption ?? interruption(request.signal);
  const place = stateFolder(owner);
  const host = hostPart(request.hostEnv);
  const redacting = redactingReporter(reporter, redact);
  return {
    request,
    owner,
    service,
    placement,
    top: parts.top,
    commit: parts.commit,
    folder: parts.folder,
    inputs: parts.inputs,
    fingerprint: parts.fingerprint,
    restores: parts.restores,
    notices: parts.notices ?? [],
    secretNames: [...secrets.keys()].sort(),
    secretValues,
    handedOver: new Map([...request.env, ...secrets]),
    env: {
      ...host,
      ...servicePart({ settings: service.settings.env, given: request.env, secrets }),
      LAUNCH_SERVICE: owner.service,
      LAUNCH_TARGET: owner.target,
      ...portPart(parts.port),
    },
    port: parts.port,
    redact,
    registries: parts.registries,
    logins: loginsFor({
      request,
      placement,
      registries: parts.registries,
      stateRoot: parts.stateRoot,
      stateFolder: place,
      redact,
      reporter: redacting,
      interruption: heard,
    }),
    stateRoot: parts.stateRoot,
    stateFolder: place,
    steadyMs: request.steadyMs ?? 10_000,
    interruption: heard,
    charge: parts.charge ?? charge(request.beforeEffect),
    reporter: redacting,
  };
}
