import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { standAlone } from '../../scripts/generate/standalone-workflows.ts';
import { ROOT } from '../support/source-tree.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const starter = { name: 'Mine', header: 'One.\n\nTwo.', cancels: false };

describe('a workflow that stands for itself', () => {
  const text = standAlone(read('.github/workflows/deploy.yml'), starter);
  const workflow = parse(text);

  it('starts with its own header', () => {
    expect(text).toMatch(/^# One\.\n#\n# Two\.\n\nname: Mine\n/);
  });

  it('has the same jobs, and calls released actions in the same order', () => {
    const source = parse(read('.github/workflows/deploy.yml'));
    expect(Object.keys(workflow.jobs)).toEqual(Object.keys(source.jobs));
    const uses = (job: { steps: { uses?: string }[] }) => job.steps.map((step) => step.uses);
    for (const [name, job] of Object.entries<{ steps: { uses?: string }[] }>(source.jobs)) {
      expect(uses(workflow.jobs[name])).toEqual(
        uses(job).map((it) => it?.replace(/^\$\/(.*)$/, 'org/launch/$1@v1')),
      );
    }
  });

  it('knows no caller: neither its event, its inputs, nor the gate of this repository', () => {
    expect(Object.keys(workflow.on)).toEqual(['push', 'workflow_dispatch']);
    const dispatch = Object.keys(workflow.on.workflow_dispatch.inputs);
    const used = Array.from(text.matchAll(/inputs\.([\w-]+)/g), ([, name]) => name);
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((name) => !dispatch.includes(name ?? ''))).toEqual([]);
    expect(text).not.toContain('LAUNCH_DEPLOY');
    expect(text).not.toContain('outputs.deploy ');
  });

  it('keeps every condition and the assertion about the event', () => {
    for (let wave = 1; wave <= 5; wave += 1) {
      const job = workflow.jobs[`wave-${wave}`];
      expect(job.if).toMatch(/"push", "workflow_dispatch", "schedule"\]'\), github\.event_name\)/);
      expect(job.if).toContain('!github.event.repository.fork');
      expect(job.steps[0].run).toContain('UNTRUSTED_EVENT');
      expect(job['timeout-minutes']).toBe('${{ matrix.service && 30 || 360 }}');
    }
  });

  it('has a job that another workflow is called for written out, with what the caller gives it', () => {
    const joins = {
      job: 'say',
      caller:
        'jobs:\n  first: {}\n  # Why.\n  say: { needs: first, if: inputs.x, uses: y, with: { word: "${{ needs.first.outputs.a }}" } }\n',
      called: `jobs:
  say:
    name: Say
    runs-on: ubuntu-latest
    outputs: { a: b }
    steps:
      - uses: $/actions/say
        with: { word: "\${{ inputs.word }}", tone: "\${{ inputs.tone }}", token: "\${{ secrets.token }}" }
`,
      needs: ['first', 'mine'] as const,
    };
    const source = 'name: X\non: { push: {} }\njobs:\n  mine: { runs-on: ubuntu-latest }\n';
    const joined = standAlone(source, { ...starter, joins });
    expect(parse(joined).jobs.say).toEqual({
      name: 'Say',
      needs: 'mine',
      if: 'inputs.x',
      'runs-on': 'ubuntu-latest',
      steps: [{ uses: 'org/launch/actions/say@v1', with: { word: '${{ needs.mine.outputs.a }}' } }],
    });
    expect(joined).toContain('# Why.\n');
    expect(() => standAlone(source, { ...starter, joins: { ...joins, job: 'none' } })).toThrow(
      'no job "none"',
    );
  });

  it('refuses a source that it can’t take apart', () => {
    const source =
      'name: X\non: { push: {}, workflow_call: {} }\njobs: { a: { if: "inputs.x && needs.b.outputs.deploy" } }\n';
    expect(() => standAlone(source, starter)).toThrow('"outputs.deploy" of the reusable workflow is left');
  });
});
