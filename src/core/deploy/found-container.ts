/** A container of a compose project as the engine has it, whoever started it. */
export interface FoundContainer {
  readonly id: string;
  readonly name: string;
  /** The compose service. */
  readonly service: string;
  readonly running: boolean;
  /** As it was named when the container was made. */
  readonly image: string;
  readonly imageId: string;
  /** Holds secrets: to compare with, never to show. */
  readonly env: ReadonlyMap<string, string>;
  readonly command: readonly string[] | null;
  readonly restart: string;
  /** `127.0.0.1:8080->80/tcp` */
  readonly ports: readonly string[];
  readonly networks: readonly string[];
  readonly mounts: readonly FoundMount[];
  /** The version of compose that made it; empty when that is not known. */
  readonly composeVersion: string;
  /** Where its compose file was; empty when that is not known. */
  readonly workingFolder: string;
}

export interface FoundMount {
  /** `bind`, `volume` or another of the engine's. */
  readonly type: string;
  /** Of a volume. */
  readonly name: string | undefined;
  /** On the host. */
  readonly source: string;
  readonly target: string;
  readonly writable: boolean;
}
