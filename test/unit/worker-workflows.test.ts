import { describe, expect, it } from '@jest/globals';
import { maxWaves } from '../../src/core/routing/waves.ts';
import { type Job, readWorkflow as read, type Step, workflowFiles } from '../support/workflow-files.ts';

const expression = (text: string) => `$${`{{ ${text} }}`}`;
const secrets = expression('secrets.LAUNCH_SECRETS');
const step = (job: Job | undefined, name: string): Step | undefined =>
  job?.steps?.find((it) => it.name === name);
const gates = (job: Job | undefined) =>
  job?.if?.replaceAll(/\s+/g, ' ').match(/contains\(fromJSON\('\["push".*?event_name\)|!github[\w.]+fork/g);
const needsOf = (job: Job | undefined) => [job?.needs ?? []].flat();

describe('every job', () => {
  const jobs = workflowFiles.flatMap((file) =>
    Object.entries(read(file).jobs).map(([id, job]) => ({ title: `${file}: ${id}`, job })),
  );

  it('that sees a secret is in an environment, or hands it to a workflow whose jobs are', () => {
    // Who is told of a run, a token that may list runners, and one that comments are the repository's: a run concerns
    // several environments.
    const isSecret = /secrets\.(?!(?:LAUNCH_NOTIFY|LAUNCH_RUNNERS_TOKEN|token)\b)/;
    const seeing = jobs.filter(({ job }) => isSecret.test(JSON.stringify(job)));
    expect(seeing.length).toBeGreaterThan(10);
    for (const { title, job } of seeing) {
      expect([title, job.environment !== undefined || job.uses !== undefined]).toEqual([title, true]);
    }
  });

  it('that lists runners runs nothing of the repository', () => {
    const listing = jobs.filter(
      ({ job }) => job.uses === undefined && JSON.stringify(job).includes('LAUNCH_RUNNERS_TOKEN'),
    );
    expect(new Set(listing.map(({ title }) => title.replace(/.*: /, '')))).toEqual(
      new Set(['plan', 'validate']),
    );
    for (const { title, job } of listing) {
      const asking = job.steps?.filter((it) => JSON.stringify(it).includes('LAUNCH_RUNNERS_TOKEN'));
      const used = asking?.map((it) => it.uses?.replace(/@.*|^.*(?=actions\/)/g, ''));
      const known = ['actions/preview', 'actions/detect-changed-services', 'actions/resolve-runner-target'];
      expect([title, used?.filter((it = '') => !known.includes(it))]).toEqual([title, []]);
      expect(used?.length).toBeGreaterThan(0);
      expect(JSON.stringify(job)).not.toMatch(/npm |COMMAND/);
    }
  });

  it('with secrets installs packages without running their scripts', () => {
    const installing = jobs.filter(({ job }) => step(job, 'Install packages') !== undefined);
    expect(installing.length).toBeGreaterThan(2 * maxWaves);
    for (const { title, job } of installing) {
      const script = step(job, 'Install packages')?.run;
      expect([title, script?.includes('npm ci --ignore-scripts')]).toEqual([
        title,
        job.environment !== undefined,
      ]);
    }
  });
});

describe.each(['.github/workflows/deploy.yml', 'workflows/launch-deploy-standalone.yml'])('%s', (file) => {
  const { jobs } = read(file);
  const waves = Array.from({ length: maxWaves }, (_, index) => jobs[`wave-${index + 1}`]);

  it('tests workers without secrets before any of them is deployed, as in a pull request', () => {
    const job = jobs['test-workers'];
    expect(job?.permissions).toEqual({ contents: 'read' });
    expect(job?.environment).toBeUndefined();
    expect(JSON.stringify(job)).not.toMatch(/secrets\.|github\.token/);
    expect(gates(job)).toEqual(gates(waves[0]));
    for (const wave of waves) {
      expect(needsOf(wave)).toContain('test-workers');
      const [first, second] = wave?.steps ?? [];
      expect(first?.run).toContain('UNTRUSTED_EVENT');
      expect(second?.run).toContain('VALIDATION_FAILED');
      expect(second?.if?.replaceAll(/\s+/g, ' ')).toBe(
        expression(
          `contains(fromJSON('["worker", ""]'), matrix.driver) && !contains(fromJSON('["success", "skipped"]'), needs.test-workers.result)`,
        ),
      );
    }
    const source = file.startsWith('.github') ? 'pr-validation.yml' : 'launch-pr-standalone.yml';
    const inPullRequest = read(file.replace(/[^/]+$/, source)).jobs['test-workers'];
    // A pull request has no commit to choose.
    const steps = JSON.parse(
      JSON.stringify(job?.steps ?? null, (key, value) => (key === 'ref' ? undefined : value)),
    );
    expect(inPullRequest?.steps).toEqual(steps);
  });

  it('deploys what is no worker also when the tests of workers fail', () => {
    expect(waves[0]?.if).toContain('!cancelled()');
    expect(waves[0]?.if).not.toContain('test-workers');
  });

  it('notes what became of each worker, whatever that is, under a name that no other note has', () => {
    const [wave] = waves;
    const [note, upload] = wave?.steps?.slice(-2) ?? [];
    const always = `always() && contains(fromJSON('["worker", ""]'), matrix.driver)`;
    expect([note?.if, upload?.if]).toEqual([always, always]);
    expect(String(note?.env?.['NOTE'])).toContain('toJSON(steps.deploy.outputs)');
    const name = String(upload?.with?.['name']).replaceAll(/\s+/g, ' ');
    expect(name).toMatch(/^launch-worker-\$\{\{ matrix\.target \}\}\.\$\{\{ matrix\.service \|\| /);
    expect(name).toMatch(/\}\}\.\$\{\{ github\.run_attempt \}\}$/);
  });

  it('verifies the workers of each target after the last wave, in its environment, one run at a time', () => {
    const job = jobs['verify-workers'];
    expect(needsOf(job)).toEqual(['plan', 'test-workers', ...waves.map((_, index) => `wave-${index + 1}`)]);
    expect(gates(job)).toEqual(gates(waves[0]));
    expect(gates(job)).toHaveLength(2);
    expect(job?.steps?.[0]).toEqual(waves[0]?.steps?.[0]);
    expect(job?.environment).toEqual({ name: expression('matrix.environment'), deployment: false });
    expect(job?.concurrency).toEqual({
      group: `launch-${expression('matrix.target')}.workers`,
      queue: 'max',
    });
    expect(job?.permissions).toEqual({ contents: 'read', deployments: 'write' });
    expect(step(job, 'Verify')?.with).toMatchObject({
      secrets,
      workers: expression('toJSON(matrix.services)'),
    });
    const pattern = `launch-worker-${expression('matrix.target')}.*`;
    expect(step(job, 'Fetch the notes of the deploy jobs')?.with).toMatchObject({ pattern });
  });
});

describe.each(['.github/workflows/deploy-instance.yml', 'workflows/launch-deploy-instance-standalone.yml'])(
  '%s',
  (file) => {
    const { jobs } = read(file);
    const { prepare, instance } = jobs;

    it('knows what it is about before it enters an environment', () => {
      expect(Object.keys(jobs)).toEqual(['prepare', 'instance', 'notify']);
      expect(prepare?.environment).toBeUndefined();
      expect(JSON.stringify(prepare)).not.toMatch(/secrets\.|github\.token/);
      expect(needsOf(instance)).toEqual(['prepare']);
      expect(instance?.environment?.['name']).toBe(expression('needs.prepare.outputs.environment'));
    });

    it('has the gates and the assertion of a deployment', () => {
      const wave = read('.github/workflows/deploy.yml').jobs['wave-1'];
      for (const job of [prepare, instance]) expect(gates(job)).toEqual(gates(wave));
      expect(instance?.steps?.[0]).toEqual(wave?.steps?.[0]);
    });

    it('lets no two runs act on an instance', () => {
      expect(instance?.concurrency).toEqual({
        group: `launch-instance-${expression('inputs.instance-id')}`,
        queue: 'max',
      });
    });

    it('verifies what it has deployed', () => {
      expect(instance?.steps?.at(-1)).toMatchObject({
        if: "inputs.operation == 'deploy'",
        with: { operation: 'status', secrets },
      });
    });
  },
);
