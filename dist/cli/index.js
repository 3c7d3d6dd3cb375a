#!/usr/bin/env node
const early = { came: [], note: (signal) => early.came.push(signal) };
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, early.note);
const [major] = process.versions.node.split('.');
if (Number(major) < 24) {
  console.error(`launch needs Node 24 or later, and this is Node ${process.versions.node}. Install it, for example with npm install --global node@24.`);
  process.exitCode = 1;
} else {
  require('../launch.js').runCli(early);
}
