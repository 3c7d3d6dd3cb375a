// What compose-deploy adds to a bare `docker compose up --detach --wait` of the same
// service: one container with a health check, recreated each time. In turns.
//
// Usage: node bench/deploy.ts [--pairs 11] [--check]
//
//   --check   exit 1 when it adds more than the budget
//
// Needs what bench/beside-compose.ts needs.
import { parseArgs } from 'node:util';
import { besideCompose, inTurns, report } from './beside-compose.ts';
import { median } from './interleaved.ts';

const budgetMs = 400;
const { values } = parseArgs({
  options: { pairs: { type: 'string', default: '11' }, check: { type: 'boolean', default: false } },
});
const pairs = Number(values.pairs);
const stack = besideCompose();
try {
  stack.deploy('start');
  stack.bareUp('start');
  const measured = inTurns(
    pairs,
    1,
    (at) => stack.bareUp(String(at)),
    (at) => stack.deploy(String(at)),
  );
  const unchanged = median(Array.from({ length: 5 }, () => stack.deploy(String(pairs - 1))));
  report('compose-deploy', measured);
  const added = median(measured.map((it) => it.ours - it.base));
  console.log(`added                      ${added.toFixed(0)} ms`);
  console.log(`nothing to do              ${unchanged.toFixed(0)} ms`);
  if (added > budgetMs) {
    console.log(`OVER BUDGET: adds more than ${budgetMs} ms`);
    if (values.check) process.exitCode = 1;
  }
} finally {
  stack.remove();
}
