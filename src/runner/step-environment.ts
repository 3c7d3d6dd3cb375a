/** What the runner puts into a step for the action alone: inputs, its tokens, and the files it reads commands from. */
const forTheActionOnly = /^(INPUT_|STATE_|ACTIONS_|GITHUB_(OUTPUT|ENV|PATH|STATE|STEP_SUMMARY|TOKEN)$)/;

/** The step's environment for a command of the user's: as a `run:` step has it, without what is the action's own. */
export function stepEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !forTheActionOnly.test(name)));
}
