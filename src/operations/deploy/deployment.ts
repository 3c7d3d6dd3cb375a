import type { OuterFiles } from '../../adapters/snapshot/take-snapshot.ts';
import type { Owner } from '../../core/deploy/additions.ts';
import type { Release, ReleaseRegistry } from '../../core/deploy/release.ts';
import type { Placement, Service } from '../../core/project/service.ts';
import type { Reporter } from '../reporter.ts';
import type { Logins } from './logins.ts';
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

/**
 * Whether this process may still act on the host. Once it has handed over it comes to rest before its next
 * effect: two that act on one service at the same time are what the lock is there to prevent.
 */
export interface Charge {
  beforeEffect(effect: string): Promise<void>;
  /** Before anything else that takes time: it never comes back once this process is not in charge any more. */
  goOn(): Promise<void>;
  lay(): void;
  /** What lay() ends as well, such as an answer that is waited for. */
  onLay(end: () => void): void;
}

export function charge(told: DeployRequest['beforeEffect']): Charge {
  let inCharge = true;
  const ends: (() => void)[] = [];
  const goOn = async () => {
    if (!inCharge) await new Promise(() => {});
  };
  return {
    goOn,
    async beforeEffect(effect) {
      await told?.(effect);
      await goOn();
    },
    lay() {
      inCharge = false;
      for (const end of ends) end();
    },
    onLay: (end) => void ends.push(end),
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
  /** Where the content comes from: a release of before and its folder; undefined when it is the commit. */
  readonly restores: { readonly release: Release; readonly path: string } | undefined;
  /** What the one who asked should know, whatever comes of it. */
  readonly notices: readonly string[];
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
  readonly registries: readonly ReleaseRegistry[];
  readonly logins: Logins;
  readonly stateRoot: string;
  /** Below `stateRoot`. */
  readonly stateFolder: string;
  readonly steadyMs: number;
  readonly interruption: Interruption;
  readonly charge: Charge;
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
    ...deployment.logins.env(),
    ...(release.project === undefined ? {} : { COMPOSE_PROJECT_NAME: release.project }),
    ...(release.composeFile === undefined ? {} : { COMPOSE_FILE: release.composeFile }),
    LAUNCH_RELEASE: release.id,
  };
}
