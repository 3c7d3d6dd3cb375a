/** The exit status that Node gives to a module whose await nothing will ever settle. */
const unsettled = 13;

/**
 * Does `work`, and fails the process when it can't come to an end. Without this, Node ends with success as soon
 * as nothing is left to wait for, also in the middle of an await that nothing will settle: half a deployment
 * would be green. A call of `process.exit` is an end like any other.
 */
export async function seeThrough(work: () => Promise<void>): Promise<void> {
  const giveUp = () => {
    process.stderr.write('Launch stopped in the middle of its work; please report it.\n');
    process.exitCode = unsettled;
  };
  process.once('beforeExit', giveUp);
  try {
    await work();
  } finally {
    process.removeListener('beforeExit', giveUp);
  }
}
