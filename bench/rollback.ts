// How long `launch rollback` takes beside a bare `docker compose up --detach --wait` of the same stack: one
// container with a health check, recreated each time. In turns, between two versions.
//
// Usage: node bench/rollback.ts [--pairs 11] [--check]
//
//   --check   exit 1 when it takes more than 1.3 times as long
//
// Needs what bench/beside-compose.ts needs.
import { parseArgs } from 'node:util';
import { besideCompose, inTurns, report } from './beside-compose.ts';

const limit = 1.3;
const { values } = parseArgs({
  options: { pairs: { type: 'string', default: '11' }, check: { type: 'boolean', default: false } },
});
const stack = besideCompose();
try {
  const releases = ['a', 'b'].map((version) => {
    stack.deploy(version);
    return stack.lastRelease();
  });
  for (const version of ['a', 'b']) stack.bareUp(version);
  const measured = inTurns(
    Number(values.pairs),
    2,
    (at) => stack.bareUp(at % 2 === 0 ? 'a' : 'b'),
    (at) => stack.rollback(releases[at % 2] ?? ''),
  );
  if (report('launch rollback', measured) > limit) {
    console.log(`OVER BUDGET: takes more than ${limit} x`);
    if (values.check) process.exitCode = 1;
  }
} finally {
  stack.remove();
}
