import type { RunStatus } from '../core/notify/run-report.ts';

/** What each command's options are once commander has read them. */
export interface StateFlags {
  readonly stateDir?: string;
}

export interface PlanFlags extends StateFlags {
  readonly base?: string;
  readonly head?: string;
  readonly target?: string;
  readonly diff?: boolean;
  readonly markdown?: boolean;
  readonly checkRunners?: boolean;
}

export interface ValidateFlags {
  readonly requiredFiles?: string;
  readonly shellcheck?: string;
  readonly failOn?: string;
  readonly sarif?: string;
}

export interface DeployFlags extends StateFlags {
  readonly all?: boolean;
  readonly base?: string;
  readonly target?: string;
  readonly secretsFile?: string;
  readonly env: readonly string[];
  readonly keepReleases?: number;
  readonly timeout?: number;
  readonly rollback: boolean;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

export interface UnlockFlags extends PlaceFlags {
  readonly force?: boolean;
  readonly reason?: string;
}

export interface EdgeFlags extends StateFlags {
  readonly admin?: string;
  readonly image: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly bind?: string;
  readonly tls: string;
}

export interface HistoryFlags extends PlaceFlags {
  readonly limit: number;
}

export interface LogsFlags extends PlaceFlags {
  readonly follow?: boolean;
  readonly tail?: number;
  readonly since?: string;
  readonly container?: string;
  readonly timestamps?: boolean;
  readonly raw?: boolean;
}

export interface DiffFlags extends PlaceFlags {
  readonly to?: string;
  readonly secretsFile?: string;
  readonly exitCode?: boolean;
  readonly patch?: boolean;
}

export interface PlaceFlags extends StateFlags {
  readonly target?: string;
  readonly repository?: string;
}

export interface RollbackFlags extends PlaceFlags {
  readonly to?: string;
  readonly secretsFile?: string;
  readonly timeout?: number;
}

export interface RemoveFlags extends PlaceFlags {
  readonly yes?: boolean;
  readonly secretsFile?: string;
}

export interface FreezeFlags extends PlaceFlags {
  readonly reason: string;
  readonly strict?: boolean;
}

export interface AdoptFlags extends StateFlags {
  readonly target?: string;
  readonly secretsFile?: string;
  readonly env: readonly string[];
  readonly timeout?: number;
  readonly dryRun?: boolean;
}

export interface InstanceFlags {
  readonly all?: boolean;
  readonly parallel: number;
  readonly confirm?: string;
  readonly purge?: boolean;
  readonly accountId?: string;
  readonly secretsFile?: string;
  readonly timeout?: number;
  readonly dryRun?: boolean;
}

export interface TunnelFlags extends StateFlags {
  readonly hostname?: string;
  readonly service?: string;
  readonly zone?: string;
  readonly runAs: string;
  readonly network?: string;
  readonly image?: string;
  readonly accountId?: string;
  readonly overwriteDns?: boolean;
  readonly confirm?: string;
  readonly timeout?: number;
  readonly dryRun?: boolean;
}

export interface NotifyFlags {
  readonly channelsFile?: string;
  readonly title: string;
  readonly status: RunStatus;
}

export interface GpuFlags {
  readonly label?: string;
  readonly id?: number;
  readonly types?: string;
  readonly regions?: string;
  readonly image?: string;
  readonly stackscript?: string;
  readonly stackscriptData?: readonly string[];
  readonly authorizedKeys?: readonly string[];
  readonly firewall?: string;
  readonly tags?: string;
  readonly ttl?: string;
  readonly maxHourlyCost?: string;
  readonly waitFor?: string;
  readonly timeout?: string;
  readonly onFailure: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly host?: string;
  readonly apiKeyFile?: string;
  readonly uiPort: number;
  readonly apiPort: number;
}

export interface NewFlags {
  readonly template?: string;
  readonly target?: string;
  readonly port?: number;
  readonly addTarget?: boolean;
  readonly list?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

export interface InitFlags {
  readonly target?: string;
  readonly labels?: string;
  readonly host?: string;
  readonly environment?: string;
  readonly launch?: string;
  readonly workflows?: string;
  readonly branch?: string;
  readonly service?: string;
  readonly template?: string;
  readonly port?: number;
  readonly force?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}
