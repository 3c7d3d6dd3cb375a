// actions/setup-node under act, where the only Node is the one that runs this.
const wanted = process.env['INPUT_NODE-VERSION'] ?? '';
if (process.versions.node.split('.')[0] !== wanted) {
  console.log(`::error::This is Node ${process.versions.node}, not ${wanted}.`);
  process.exitCode = 1;
}
