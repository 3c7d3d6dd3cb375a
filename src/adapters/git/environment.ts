/**
 * Variables by which the caller of Launch (a hook, an alias) points git at one repository. Launch names the
 * repository itself, so that a deployment never reads another one than it says.
 */
const repositoryVariables = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_PREFIX',
  'GIT_NAMESPACE',
  'GIT_COMMON_DIR',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_SHALLOW_FILE',
  'GIT_LITERAL_PATHSPECS',
];

/** The environment of every git process: the user's, asking nobody anything and taking no lock it can do without. */
export function gitEnvironment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env };
  for (const name of repositoryVariables) delete env[name];
  return {
    ...env,
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    // Messages are told apart by their text.
    LC_ALL: 'C',
    LANGUAGE: '',
    ...extra,
  };
}
