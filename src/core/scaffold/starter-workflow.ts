/** Where a repository's workflows find Launch. */
export interface LaunchCopy {
  /** owner/name */
  readonly repository: string;
  /** A release, a branch or a commit. */
  readonly ref: string;
}

/** `owner/name` or `owner/name@ref`; undefined for anything else. */
export function parseCopy(text: string): LaunchCopy | undefined {
  const match =
    /^([A-Za-z0-9][A-Za-z0-9-]{0,38}\/[A-Za-z0-9_.-]{1,100})(?:@([A-Za-z0-9][\w./-]{0,99}))?$/.exec(text);
  return match?.[1] === undefined ? undefined : { repository: match[1], ref: match[2] ?? 'v1' };
}

/** What the starters in `workflows/` name. */
export const placeholderCopy: LaunchCopy = { repository: 'org/launch', ref: 'v1' };

/** A branch that needs no quotes in a list of YAML. */
export function isPlainBranch(branch: string): boolean {
  return /^[A-Za-z][\w./-]{0,99}$/.test(branch);
}

/** A starter of `workflows/` that uses this copy of Launch and deploys from this branch. */
export function adaptStarter(text: string, { repository, ref }: LaunchCopy, branch: string): string {
  return text
    .replace(
      /(uses: )org\/launch(\/[^\s@]+)@v1$/gm,
      (_, uses: string, path: string) => `${uses}${repository}${path}@${ref}`,
    )
    .replace(/^( {4}branches: )\[main\]$/m, (_, key: string) => `${key}[${branch}]`);
}
