import type { OuterFiles } from '../../adapters/snapshot/take-snapshot.ts';
import type { Owner } from '../../core/deploy/additions.ts';
import type { Placement, Service } from '../../core/project/service.ts';
import type { Reporter } from '../reporter.ts';
import type { DeployRequest } from './request.ts';

/** Whether the caller wants the deployment to end. Undoing it is not to be interrupted. */
export interface Interruption {
  readonly signal: AbortSignal | undefined;
  /** From here on the wish is not heard any more. */
  disregard(): void;
}

export function interruption(signal: AbortSignal | undefined): Interruption {
  let heard = signal;
  return {
    get signal() {
      return heard;
    },
    disregard: () => {
      heard = undefined;
    },
  };
}

/** Everything that is known of a deployment before its first effect. */
export interface Deployment {
  readonly request: DeployRequest;
  readonly owner: Owner;
  readonly service: Service;
  readonly placement: Placement;
  /** The top folder of the checkout. */
  readonly top: string;
  /** The commit that is deployed. */
  readonly commit: string;
  /** The service's folder, from the top. */
  readonly folder: string;
  readonly inputs: readonly OuterFiles[];
  readonly fingerprint: string;
  /** Declared secrets and the `env` input: what a change of asks for a new deployment, beside the commit. */
  readonly handedOver: ReadonlyMap<string, string>;
  readonly secretNames: readonly string[];
  /** Values that may turn up nowhere. */
  readonly secretValues: readonly string[];
  /** The whole environment of compose and of the service's scripts. */
  readonly env: Readonly<Record<string, string>>;
  /** LAUNCH_PORT; undefined where the target has no range of ports. */
  readonly port: number | undefined;
  readonly redact: (text: string) => string;
  readonly stateRoot: string;
  /** Below `stateRoot`. */
  readonly stateFolder: string;
  readonly steadyMs: number;
  readonly interruption: Interruption;
  /** Removes secrets from everything that passes through it. */
  readonly reporter: Reporter;
}

/** The environment of one release's scripts and checks. */
export function releaseEnv(
  deployment: Deployment,
  release: {
    readonly id: string;
    readonly project?: string | undefined;
    readonly composeFile?: string | undefined;
  },
): Record<string, string> {
  return {
    ...deployment.env,
    ...(release.project === undefined ? {} : { COMPOSE_PROJECT_NAME: release.project }),
    ...(release.composeFile === undefined ? {} : { COMPOSE_FILE: release.composeFile }),
    LAUNCH_RELEASE: release.id,
  };
}
