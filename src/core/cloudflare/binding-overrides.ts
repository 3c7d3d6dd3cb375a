/**
 * What a copy of a worker has in place of what its configuration says; by the names of the bindings, or of the
 * workers. What is not named stays as it is written.
 */
export interface BindingOverrides {
  readonly d1?: Readonly<Record<string, { readonly id: string; readonly name: string }>>;
  /** Ids of namespaces. */
  readonly kv?: Readonly<Record<string, string>>;
  /** Names of buckets. */
  readonly r2?: Readonly<Record<string, string>>;
  /**
   * Names of other workers, by those in the configuration: wherever a binding (service, Durable Object, tail
   * consumer) names the one, it gets the other.
   */
  readonly workers?: Readonly<Record<string, string>>;
}
