/** One upload of a worker's code and bindings. */
export interface WorkerVersion {
  readonly id: string;
  /** Counts up with every upload; undefined where the API does not say. */
  readonly number: number | undefined;
  /** ISO 8601. */
  readonly createdOn: string;
  readonly author: string | undefined;
  readonly tag: string | undefined;
  readonly message: string | undefined;
  /** `upload`, `secret`, `rollback`… */
  readonly triggeredBy: string | undefined;
}

export interface VersionShare {
  readonly versionId: string;
  /** 0 to 100. */
  readonly percentage: number;
}

/** Which versions have the traffic, from a point in time on. */
export interface WorkerDeployment {
  readonly id: string;
  /** ISO 8601. */
  readonly createdOn: string;
  readonly author: string | undefined;
  readonly message: string | undefined;
  readonly shares: readonly VersionShare[];
}

/** What Cloudflare knows of a worker's past; both lists newest first. */
export interface WorkerPast {
  readonly deployments: readonly WorkerDeployment[];
  /** Those that can still be deployed: the last 100. */
  readonly versions: readonly WorkerVersion[];
}

/** The version that has all of a deployment's traffic. */
export function soleVersion(deployment: WorkerDeployment | undefined): string | undefined {
  const [first, ...others] = deployment?.shares.filter(({ percentage }) => percentage > 0) ?? [];
  // A version at 0 % gets the requests that ask for it: that is no settled state.
  return others.length === 0 && deployment?.shares.length === 1 ? first?.versionId : undefined;
}

/** The share of the traffic that a version has now; undefined where it has none and may not be asked for. */
export function shareOf({ deployments }: WorkerPast, versionId: string): number | undefined {
  return deployments[0]?.shares.find((share) => share.versionId === versionId)?.percentage;
}

/** The deployment says exactly this of the traffic. */
export function hasShares(
  deployment: WorkerDeployment | undefined,
  wanted: readonly VersionShare[],
): boolean {
  return (
    deployment?.shares.length === wanted.length &&
    wanted.every((it) =>
      deployment.shares.some(
        (share) => share.versionId === it.versionId && Math.abs(share.percentage - it.percentage) < 0.001,
      ),
    )
  );
}

/** `10 % 1f0c2d3e, 90 % 5a6b7c8d`. */
export function describeShares(shares: readonly VersionShare[]): string {
  return shares.map(({ versionId, percentage }) => `${percentage} % ${shortId(versionId)}`).join(', ');
}

/** The first 8 characters, as Cloudflare's own addresses of versions have them. */
export function shortId(versionId: string): string {
  return versionId.slice(0, 8);
}
