import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { grants } from '../../scripts/check-workflows/grants.ts';
import { maxWaves } from '../../src/core/routing/waves.ts';
import { ROOT } from '../support/source-tree.ts';
import {
  workflowFiles as files,
  type Job,
  readWorkflow as read,
  type Step,
  starterFiles as starters,
} from '../support/workflow-files.ts';

const jobs = files.flatMap((file) =>
  Object.entries(read(file).jobs).map(([id, job]) => ({ title: `${file}: ${id}`, job })),
);
/** The step of a job that deploys, rolls back or takes down, or the job itself where it calls a workflow that does. */
const acts =
  /(^|\/)(actions\/(deploy|rollback|remove-service|verify-workers)(@v1)?|workflows\/(deploy|rollback)\.yml(@v1)?)$/;
/** The same of a comment on a pull request. */
const comments = /(^|\/)(actions\/pr-comment(@v1)?|workflows\/pr-comment\.yml(@v1)?)$/;
const isComment = (job: Job): boolean =>
  [job.uses, ...(job.steps ?? []).map(({ uses }) => uses)].some((uses) => comments.test(uses ?? ''));
const actingStep = (job: Job): Step | undefined => job.steps?.find(({ uses }) => acts.test(uses ?? ''));
const steps = jobs.flatMap(({ title, job }) => (job.steps ?? []).map((step) => ({ title, step })));

describe('every workflow', () => {
  it.each(files)('%s gives its jobs nothing that they don’t ask for', (file) => {
    expect(read(file).permissions).toEqual({});
  });

  it.each(jobs)(
    '$title asks only to read, but for its records of deployments or its comment, and ends in time',
    ({ job }) => {
      const asked = Object.entries(job.permissions ?? { missing: 'permissions' });
      const records = actingStep(job) !== undefined || acts.test(job.uses ?? '');
      expect(asked.filter(([, level]) => level !== 'read')).toEqual(
        records ? [['deployments', 'write']] : isComment(job) ? [['pull-requests', 'write']] : [],
      );
      if (job.uses === undefined) expect(job['timeout-minutes']).toBeDefined();
    },
  );

  it('records each deployment once: by the action, and not by the environment of the job', () => {
    const acting = jobs.filter(({ job }) => actingStep(job) !== undefined);
    expect(acting).toHaveLength(2 * (maxWaves + 4));
    for (const { job } of acting) {
      expect(job.environment).toMatchObject({ deployment: false });
      expect(actingStep(job)?.with).toMatchObject({ token: '$' + '{{ github.token }}' });
    }
  });

  it('leaves no credentials behind in a checkout', () => {
    const checkouts = steps.filter(({ step }) => step.uses?.startsWith('actions/checkout@') === true);
    expect(checkouts.length).toBeGreaterThan(10);
    for (const { step } of checkouts) expect(step.with?.['persist-credentials']).toBe(false);
  });

  it('puts nothing into a script but by its environment', () => {
    const scripts = steps.filter(({ step }) => step.run !== undefined);
    expect(scripts.length).toBeGreaterThan(5);
    for (const { step } of scripts) expect(step.run).not.toContain('${{');
  });

  it('never runs for an event that runs with the base repository’s secrets on foreign code', () => {
    for (const file of files) {
      expect(readFileSync(join(ROOT, file), 'utf8').replace(/^ *#.*$/gm, '')).not.toMatch(
        /pull_request_target|workflow_run/,
      );
    }
  });
});

describe('every starter', () => {
  it.each(starters)('%s grants what the workflow it calls asks', async (file) => {
    expect(await grants.run(ROOT, [file])).toEqual({ outcome: 'ran', findings: [], excepted: 0 });
  });

  it('is there for callers and for repositories of other owners', () => {
    expect(starters).toEqual([
      'workflows/launch-deploy-instance-standalone.yml',
      'workflows/launch-deploy-instance.yml',
      'workflows/launch-deploy-standalone.yml',
      'workflows/launch-deploy.yml',
      'workflows/launch-pr-standalone.yml',
      'workflows/launch-pr.yml',
      'workflows/launch-provision-gpu-standalone.yml',
      'workflows/launch-provision-gpu.yml',
      'workflows/launch-reap-gpu.yml',
      'workflows/launch-rollback-standalone.yml',
      'workflows/launch-rollback.yml',
    ]);
  });
});

describe.each(['.github/workflows/deploy.yml', 'workflows/launch-deploy-standalone.yml'])('%s', (file) => {
  const workflow = read(file);
  const wave = (number: number): Job => workflow.jobs[`wave-${number}`] ?? {};
  const rest = (job: Job) => ({ ...job, needs: null, if: null, strategy: null });

  it('has a job for each wave, all alike', () => {
    expect(Object.keys(workflow.jobs).filter((id) => id.startsWith('wave-'))).toHaveLength(maxWaves);
    for (let number = 2; number <= maxWaves; number += 1) expect(rest(wave(number))).toEqual(rest(wave(1)));
  });

  const decided = (number: number) =>
    `&& contains(fromJSON('["success", "skipped"]'), needs.hold-back-${number}.result)`;

  it('deploys nothing more once it could not be told what to hold back', () => {
    for (let number = 3; number <= maxWaves; number += 1) {
      const condition = wave(number).if?.replaceAll(/\s+/g, ' ');
      for (let earlier = 2; earlier < number; earlier += 1) {
        expect(wave(number).needs).toContain(`hold-back-${earlier}`);
        expect(condition).toContain(decided(earlier));
      }
    }
  });

  it('differs from wave to wave in its number only', () => {
    const withoutEarlier = (condition: string, number: number) =>
      Array.from({ length: number }, (_, earlier) => decided(earlier)).reduce(
        (text, part) => text.replace(`${part} `, ''),
        condition.replaceAll(/\s+/g, ' '),
      );
    const text = (number: number) =>
      `${withoutEarlier(wave(number).if ?? '', number)} ${JSON.stringify(wave(number).strategy)}`
        .replaceAll(`hold-back-${number}`, 'hold-back-N')
        .replaceAll(`wave-${number - 1}.result`, 'wave-(N-1).result')
        .replaceAll(`)[${number - 1}]`, ')[N-1]')
        .replaceAll(/\s+/g, ' ');
    for (let number = 3; number <= maxWaves; number += 1) expect(text(number)).toBe(text(2));
  });

  it('deploys each service to each target one after the other, and loses none', () => {
    expect(wave(1).concurrency).toEqual({
      group: 'launch-$' + '{{ matrix.target }}-$' + '{{ matrix.service }}',
      queue: 'max',
    });
    expect(wave(1).strategy).toMatchObject({ 'fail-fast': false });
  });

  const removal = (id: 'remove-first' | 'remove'): Job => workflow.jobs[id] ?? {};
  const plain = (text: string | undefined) => text?.replaceAll(/\s+/g, ' ') ?? '';

  it.each(['remove-first', 'remove'] as const)('guards the job %s as it guards a deployment', (id) => {
    const job = removal(id);
    const gates = (text: string | undefined) =>
      text?.match(/contains\(fromJSON.*?event_name\)|!github[\w.]+fork/g);
    expect(gates(job.if)).toEqual(gates(wave(1).if));
    expect(gates(job.if)).toHaveLength(2);
    const asked = (it: Job) => plain(it.if).includes("needs.plan.outputs.deploy == 'true'");
    expect(asked(job)).toBe(asked(wave(1)));
    expect(job.steps?.[0]).toEqual(wave(1).steps?.[0]);
    expect(job['runs-on']).toBe(wave(1)['runs-on']);
    expect(job.concurrency).toEqual(wave(1).concurrency);
    expect(job.environment).toEqual({ name: '$' + '{{ matrix.environment }}', deployment: false });
    const list = id === 'remove' ? 'last' : 'first';
    expect(plain(job.if)).toContain(`fromJSON(needs.plan.outputs.removals || '{}').${list}.include[0]`);
    expect(job.strategy).toMatchObject({
      'fail-fast': false,
      matrix: `$${'{{'} fromJSON(needs.plan.outputs.removals).${list} }}`,
    });
  });

  it('takes nothing down after a failure, but what new services need to begin with', () => {
    const earlier = Object.keys(workflow.jobs).filter((id) =>
      /^(plan|unreachable|test|remove-first|wave|verify)/.test(id),
    );
    expect([...(removal('remove').needs ?? [])].sort()).toEqual(earlier.sort());
    expect(plain(removal('remove').if)).toContain("!contains(needs.*.result, 'failure')");
    expect(plain(removal('remove').if)).toContain("!contains(needs.*.result, 'cancelled')");
    expect(removal('remove-first').needs).toBe('plan');
    expect(wave(1).needs).toContain('remove-first');
    // One that fails holds up only what needs its place.
    expect(wave(1).if).toContain('!cancelled()');
    expect(wave(1).if).not.toContain('remove-first');
  });

  it('asserts on the runner, before anything else, that the event may deploy', () => {
    expect(wave(1).steps?.[0]?.run).toContain('UNTRUSTED_EVENT');
    expect(wave(1).if).toContain('!github.event.repository.fork');
  });
});

describe.each(['.github/workflows/rollback.yml', 'workflows/launch-rollback-standalone.yml'])(
  '%s',
  (file) => {
    const wave = read(file.replace('rollback', 'deploy')).jobs['wave-1'];
    const job = read(file).jobs['rollback'];

    it('has the gates, the queue and the assertion of a deployment', () => {
      // To look at the releases waits for no deployment.
      const queue = wave?.concurrency;
      expect(job?.concurrency).toEqual({
        ...queue,
        group: `${queue?.['group']}$${"{{ inputs.operation == 'list' && '.list' || '' }}"}`,
      });
      expect(job?.steps?.[0]).toEqual(wave?.steps?.[0]);
      expect(job?.['runs-on']).toBe(wave?.['runs-on']);
      const gates = (text: string | undefined) => text?.match(/contains\(.*?event_name\)|!github[\w.]+fork/g);
      expect(gates(job?.if)).toEqual(gates(wave?.if));
      expect(gates(job?.if)).toHaveLength(2);
    });

    const secrets = '$' + '{{ secrets.LAUNCH_SECRETS }}';
    const release = '$' + '{{ inputs.release }}';
    const operation = '$' + "{{ inputs.operation || 'rollback' }}";
    const forWorkers = "matrix.driver == 'worker'";

    it('gets the secrets of a deployment, by their name', () => {
      const step = job?.steps?.find(({ id }) => id === 'rollback');
      expect(step).toMatchObject({
        if: "matrix.driver != 'worker'",
        with: { operation, secrets, to: release },
      });
    });

    it('checks out only what a worker is found by, and takes one back by its own action', () => {
      const checkouts = job?.steps?.filter((step) => step.uses?.startsWith('actions/checkout'));
      expect(checkouts?.map((step) => step.if)).toEqual([forWorkers]);
      expect(job?.steps?.find(({ id }) => id === 'worker')).toMatchObject({
        if: forWorkers,
        with: { operation, secrets, 'version-id': release },
      });
    });
  },
);

describe('pr-validation.yml', () => {
  const workflow = read('.github/workflows/pr-validation.yml');

  it('runs on GitHub’s own runners only', () => {
    expect(new Set(Object.values(workflow.jobs).map((job) => job['runs-on']))).toEqual(
      new Set(['ubuntu-latest']),
    );
  });

  it('sees no secret but one that may be lacking, in a step that runs nothing of the pull request', () => {
    const { LAUNCH_RUNNERS_TOKEN: declared, ...others } = workflow.on?.workflow_call?.secrets ?? {};
    expect([declared?.required, others]).toEqual([false, {}]);
    const token = '$' + '{{ secrets.LAUNCH_RUNNERS_TOKEN }}';
    const seeing = Object.values(workflow.jobs)
      .flatMap(({ steps = [] }) => steps)
      .filter((step) => JSON.stringify(step).includes('secrets.'));
    expect(seeing).toEqual([
      expect.objectContaining({ uses: '$/actions/preview', with: expect.objectContaining({ token }) }),
    ]);
    expect(JSON.stringify(workflow.jobs).split('secrets').length).toBe(2);
  });
});

describe.each([
  '.github/workflows/pr-comment.yml',
  'workflows/launch-pr.yml',
  'workflows/launch-pr-standalone.yml',
])('the comment of %s', (file) => {
  const job = read(file).jobs['comment'] ?? {};

  it('may do that and nothing else, with no checkout and no script', () => {
    expect(job.permissions).toEqual({ 'pull-requests': 'write' });
    expect(job.uses ?? job.steps?.map(({ uses }) => uses)).toEqual(
      job.uses === undefined ? [expect.stringMatching(comments)] : expect.stringMatching(comments),
    );
    expect(job.uses === undefined ? job['runs-on'] : 'ubuntu-latest').toBe('ubuntu-latest');
  });

  it('has its turn after other runs of the pull request', () => {
    if (job.uses !== undefined) return;
    const number = '$' + '{{ github.event.pull_request.number }}';
    expect(job.concurrency).toEqual({ group: `launch-comment-${number}`, queue: 'max' });
  });

  it('is asked for by pull requests of the repository itself, whatever became of their check', () => {
    if (file.startsWith('.github')) return;
    expect(job.if?.replaceAll(/\s+/g, ' ')).toBe(
      '$' +
        "{{ !cancelled() && github.event_name == 'pull_request' && github.event.pull_request.head.repo.full_name == github.repository }}",
    );
    expect(read(file).jobs).toHaveProperty(String(job.needs));
  });
});
