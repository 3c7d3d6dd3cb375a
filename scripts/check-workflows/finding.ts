/** What a linter has to say about a place in a file. */
export interface Finding {
  /** Relative to the root of the repository. */
  readonly file: string;
  /** Counts from 1. */
  readonly line: number;
  readonly message: string;
}

/** What came of running a linter over all files. */
export type LintResult =
  | { readonly outcome: 'ran'; readonly findings: readonly Finding[]; readonly excepted: number }
  | { readonly outcome: 'could-not-run'; readonly reason: string };

export interface Linter {
  readonly name: string;
  /** `files` are relative to `root`. */
  run(root: string, files: readonly string[]): Promise<LintResult>;
}

/** An `action.yml`, which not every linter understands. */
export function isAction(file: string): boolean {
  return /(^|\/)action\.ya?ml$/.test(file);
}
