/** Writes some of the repository's files from their one source. */
export interface Generator {
  readonly name: string;
  /** The whole content of each file, by its path in the repository. */
  run(root: string): ReadonlyMap<string, string> | Promise<ReadonlyMap<string, string>>;
}
