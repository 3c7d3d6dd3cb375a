// What `@actions/core` gets for `@actions/exec`, in the bundle only: the real package,
// loaded with the first command. Core runs one only to tell the version of the system.

export async function exec(...args) {
  return await (await import('real-exec')).exec(...args);
}

export async function getExecOutput(...args) {
  return await (await import('real-exec')).getExecOutput(...args);
}
