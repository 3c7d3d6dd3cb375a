import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { ROOT } from '../support/source-tree.ts';
import { readWorkflow as read } from '../support/workflow-files.ts';

const expression = (text: string) => `$${`{{ ${text} }}`}`;
const wave = read('.github/workflows/deploy.yml').jobs['wave-1'];

describe.each(['.github/workflows/provision-gpu.yml', 'workflows/launch-provision-gpu-standalone.yml'])(
  '%s',
  (file) => {
    const job = read(file).jobs['gpu'];
    const act = job?.steps?.at(-1);

    it('has the gates and the assertion of a deployment', () => {
      const gates = (text: string | undefined) => text?.match(/contains\(.*?event_name\)|!github[\w.]+fork/g);
      expect(gates(job?.if)).toEqual(gates(wave?.if));
      expect(job?.steps?.[0]).toEqual(wave?.steps?.[0]);
    });

    it('asks GitHub for nothing, and has a queue for each label', () => {
      expect(job?.permissions).toEqual({});
      expect(job?.concurrency).toEqual({
        group: `launch-gpu-${expression("inputs.label || 'reap'")}`,
        queue: 'max',
      });
    });

    it('makes nothing that nobody could reach', () => {
      const step = job?.steps?.at(-2);
      expect(step?.if).toBe("(inputs.operation || 'ensure') == 'ensure'");
      expect(step?.env).toEqual({ FIREWALL: expression('inputs.firewall') });
    });

    it('gives the token to the action alone, deletes what it could not finish, and sets a time to live', () => {
      const secret = (job?.steps ?? []).filter((step) => JSON.stringify(step).includes('secrets.'));
      expect(secret).toEqual([act]);
      expect(act?.with).toMatchObject({ token: expression('secrets.LINODE_TOKEN') });
      expect(String(act?.with?.['on-failure'])).toContain('delete');
      expect(act?.with?.['ttl']).toBe(expression("inputs.ttl || '4h'"));
    });
  },
);

describe('workflows/launch-reap-gpu.yml', () => {
  const text = readFileSync(join(ROOT, 'workflows/launch-reap-gpu.yml'), 'utf8');
  const workflow = parse(text) as { on: Record<string, unknown>; jobs: Record<string, unknown> };
  const job = read('workflows/launch-reap-gpu.yml').jobs['reap'];

  it('deletes by its schedule, lists when it is started by hand, and names no instance', () => {
    expect(Object.keys(workflow.on)).toEqual(['schedule', 'workflow_dispatch']);
    expect(workflow.on['workflow_dispatch']).toMatchObject({ inputs: { 'dry-run': { default: true } } });
    const [step] = job?.steps ?? [];
    expect(step?.with).toEqual({
      operation: 'reap',
      token: expression('secrets.LINODE_TOKEN'),
      'dry-run': expression('inputs.dry-run || false'),
    });
    expect(job?.permissions).toEqual({});
  });
});
