/** An instance at Linode, as far as Launch has to know it. */
export interface GpuInstance {
  readonly id: number;
  /** Unique in the account: by it an instance is found again whatever became of the run that made it. */
  readonly label: string;
  /** `provisioning`, `booting`, `running`, `offline`, `deleting` and so on. */
  readonly status: string;
  readonly type: string;
  readonly region: string;
  /** Null for one that was not made from an image. */
  readonly image: string | null;
  /** The first public one; undefined while there is none. */
  readonly ipv4: string | undefined;
  readonly tags: readonly string[];
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** Whether it is going away: it can be neither adopted nor changed any more. */
export function isGoing({ status }: Pick<GpuInstance, 'status'>): boolean {
  return status === 'deleting';
}
