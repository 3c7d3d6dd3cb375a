// A process whose work comes to a stop in the middle must not end like one that did it.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from '../support/source-tree.ts';
import { node24 } from '../support/tools.ts';

function run(work: string) {
  const module = JSON.stringify(join(ROOT, 'src/adapters/process/see-through.ts'));
  // As dist/ does it: nobody awaits what is started.
  const program = `import(${module}).then(({ seeThrough }) => seeThrough(${work}))`;
  const { status, stderr } = spawnSync(node24(), ['--input-type=commonjs', '-e', program], {
    encoding: 'utf8',
  });
  return { status, stderr };
}

describe('seeThrough', () => {
  it('fails a process that waits for what will never come', () => {
    const { status, stderr } = run('() => new Promise(() => {})');
    expect(status).toBe(13);
    expect(stderr).toContain('stopped in the middle');
  });

  it.each([
    ['an end', 'async () => {}', 0],
    ['work that takes its time', '() => new Promise((done) => setTimeout(done, 50))', 0],
    ['a failure by status', 'async () => { process.exitCode = 3; }', 3],
    ['an exit', 'async () => { process.exit(0); }', 0],
  ])('leaves %s as it is', (_what, work, status) => {
    expect(run(work)).toEqual({ status, stderr: '' });
  });

  it('fails a process whose work throws', () => {
    const { status, stderr } = run("async () => { throw new Error('no luck'); }");
    expect(status).toBe(1);
    expect(stderr).toContain('no luck');
  });
});
