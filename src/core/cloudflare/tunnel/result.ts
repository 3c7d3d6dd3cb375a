import { type ErrorCode, LaunchError } from '../../errors.ts';

export const tunnelOperations = ['ensure', 'status', 'remove'] as const;
export type TunnelOperation = (typeof tunnelOperations)[number];

/** How cloudflared runs on this host; `none`: not by Launch. */
export const waysToRun = ['compose', 'systemd', 'none'] as const;
export type WayToRun = (typeof waysToRun)[number];

export type TunnelStatus =
  // of `ensure`
  | 'created'
  | 'updated'
  | 'unchanged'
  | 'failed'
  // of `ensure` and `remove` that only say what they would do
  | 'planned'
  // of `status`, as Cloudflare calls them; `absent` also of `remove`
  | 'healthy'
  | 'degraded'
  | 'down'
  | 'inactive'
  | 'absent'
  // of `remove`: nothing is left, or something that Launch did not make or may not take away
  | 'removed'
  | 'kept';

/** Where a hostname of the tunnel leads, and whether its DNS record leads into the tunnel. */
export interface RouteStatus {
  readonly hostname: string;
  readonly service: string;
  readonly dns: 'launch' | 'other' | 'missing' | 'unknown';
}

export interface TunnelResult {
  readonly operation: TunnelOperation;
  readonly status: TunnelStatus;
  readonly name: string;
  readonly tunnelId: string | undefined;
  readonly hostname: string | undefined;
  /** At which people reach the service; undefined where it is none for a browser. */
  readonly url: string | undefined;
  /** Whether a connector is connected to Cloudflare: the one of this host, where it has one. */
  readonly ready: boolean;
  /** What was done, or would be, in a clause each. */
  readonly changes: readonly string[];
  /** What `remove` has left, in a clause each that says why. */
  readonly left: readonly string[];
  /** What is worth knowing all the same. */
  readonly notices: readonly string[];
  readonly routes: readonly RouteStatus[];
  /** cloudflared on this host. */
  readonly connector:
    | { readonly kind: 'compose' | 'systemd'; readonly name: string; readonly isRunning: boolean }
    | undefined;
  readonly failure?: {
    readonly code: ErrorCode;
    readonly reason: string;
    readonly remedy: string;
    /** The last that cloudflared printed. */
    readonly lines: readonly string[];
  };
}

/** The error with which a step ends; undefined after anything that is no failure. */
export function tunnelFailure({ failure }: TunnelResult): LaunchError | undefined {
  return failure === undefined
    ? undefined
    : new LaunchError(failure.code, failure.reason, { remedy: failure.remedy });
}
