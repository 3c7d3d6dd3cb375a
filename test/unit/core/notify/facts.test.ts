import { describe, expect, it } from '@jest/globals';
import { reportNeeds, statusOf } from '../../../../src/core/notify/assemble-report.ts';
import { parseDetails } from '../../../../src/core/notify/details.ts';
import {
  failedJobs,
  jobsOfThisWorkflow,
  type ListedJob,
  reportJobs,
  unknownEnds,
} from '../../../../src/core/notify/jobs.ts';
import { fitted, oneLine } from '../../../../src/core/notify/line.ts';
import { reasonsIn } from '../../../../src/core/notify/reasons.ts';
import { broken, service } from '../../../support/run-reports.ts';

const job = (
  name: string,
  conclusion: string | null = 'success',
  more: Partial<ListedJob> = {},
): ListedJob => ({
  ...{ id: 1, name, status: conclusion === null ? 'in_progress' : 'completed', conclusion },
  ...more,
});
const tell = (...jobs: ListedJob[]) => reportJobs(jobs, () => []);

describe('the jobs of a run', () => {
  it('may be listed as going on when they have ended; how many, is known beside the own one', () => {
    const own = job('Notify', null, { runner_name: 'here' });
    const jobs = [own, job('Deploy a to b', null, { runner_name: 'there' }), job('Plan')];
    expect([unknownEnds(jobs, 'here'), unknownEnds(jobs, undefined), unknownEnds([own], 'here')]).toEqual([
      1, 0, 0,
    ]);
  });

  it('say what became of each service on each target', () => {
    const { services, jobs } = tell(
      job('Deploy a to b', 'success', {
        started_at: '2026-11-22T10:00:00Z',
        completed_at: '2026-11-22T10:00:09Z',
        html_url: 'https://github.com/o/r/actions/runs/1/job/1',
      }),
      job('Launch / Deploy several services to c', 'failure'),
      job('X / Launch / Take a on b back'),
      job('Take old down on b', 'cancelled'),
      job('Take gone down on b first'),
      job('Deploy x to y', 'timed_out'),
    );
    expect(services.map(({ service, target, outcome }) => [service, target, outcome])).toEqual([
      ['a', 'b', 'deployed'],
      ['several services', 'c', 'failed'],
      ['a', 'b', 'taken-back'],
      ['old', 'b', 'cancelled'],
      ['gone', 'b', 'removed'],
      ['x', 'y', 'failed'],
    ]);
    expect(services[0]).toMatchObject({
      durationMs: 9000,
      log: 'https://github.com/o/r/actions/runs/1/job/1',
    });
    expect(jobs).toEqual([]);
  });

  it('that are no deployment are told when they failed', () => {
    const { services, jobs } = tell(
      job('L / Plan', 'failure'),
      job('Test workers'),
      job('Deploy A to b', 'failure'),
    );
    expect(services).toEqual([]);
    expect(jobs.map((it) => [it.job, it.outcome])).toEqual([
      ['Plan', 'failed'],
      ['Deploy A to b', 'failed'],
    ]);
  });

  it('that were skipped or have not ended are not told', () => {
    const { services, jobs } = tell(
      job('Deploy a to b', 'skipped'),
      job('Deploy a to c', null),
      job('Notify', null),
    );
    expect([services, jobs]).toEqual([[], []]);
  });

  it('say that something was held back', () => {
    expect(tell(job('L / Hold back what depends on a failure (before wave 2)')).notes).toHaveLength(1);
  });

  it('link only to pages of the web', () => {
    expect(tell(job('Deploy a to b', 'success', { html_url: 'javascript:alert(1)' })).services[0]?.log).toBe(
      undefined,
    );
  });

  it('are those of this workflow, and not those of its caller', () => {
    const own = job('Launch / Notify', null, { runner_name: 'GitHub Actions 3' });
    const other = job('build', null, { runner_name: 'GitHub Actions 4' });
    const jobs = [own, other, job('Launch / Plan'), job('Launch again / Plan'), job('lint')];
    expect(jobsOfThisWorkflow(jobs, 'GitHub Actions 3').map(({ name }) => name)).toEqual([
      'Launch / Notify',
      'Launch / Plan',
    ]);
    expect(jobsOfThisWorkflow(jobs, 'GitHub Actions 4').map(({ name }) => name)).toEqual(['build', 'lint']);
    expect(jobsOfThisWorkflow(jobs, undefined)).toEqual(jobs);
    expect(jobsOfThisWorkflow(jobs, 'elsewhere')).toEqual(jobs);
  });

  it('that failed are asked for in the order in which they are told', () => {
    const jobs = [job('Plan', 'failure'), job('Deploy a to b', 'cancelled'), job('Deploy a to c', 'failure')];
    expect(failedJobs(jobs).map(({ name }) => name)).toEqual(['Deploy a to c', 'Plan']);
  });
});

describe('reasons', () => {
  const failure = (title: string | null, message: string) => ({
    annotation_level: 'failure',
    title,
    message,
  });

  it('are Launch’s own errors first, and not what the runner says of itself', () => {
    expect(
      reasonsIn([
        failure(null, 'Process completed with exit code 1.'),
        { annotation_level: 'warning', title: 'HEALTH_FAILED', message: 'a warning' },
        failure('lint', 'x'),
        failure('HEALTH_FAILED', 'It answered 503.'),
      ]),
    ).toEqual([{ code: 'HEALTH_FAILED', message: 'It answered 503.' }, { message: 'lint: x' }]);
  });

  it('are what the runner says, when there is nothing else', () => {
    expect(reasonsIn([failure('', 'Process completed with exit code 1.')])).toHaveLength(1);
  });

  it('are few and short', () => {
    const many = reasonsIn(Array.from({ length: 10 }, () => failure('DEPLOY_FAILED', 'x'.repeat(9000))));
    expect(many).toHaveLength(3);
    expect(many[0]?.message).toHaveLength(2000);
  });
});

describe('details', () => {
  it('are results, as toJSON(needs) has them or plain', () => {
    const text =
      '{"needs": {"a": "success", "b": {"result": "failure", "outputs": {"x": "y"}}}, "facts": {"n": 1, "e": ""}}';
    expect(parseDetails(text)).toEqual({ needs: { a: 'success', b: 'failure' }, facts: { n: 1, e: '' } });
    expect(parseDetails(' ')).toEqual({ needs: {}, facts: {} });
  });

  it('may lack what an expression of a workflow has no value for', () => {
    const text = '{"needs": {}, "facts": {"Chat": null}, "commit": null}';
    expect(parseDetails(text)).toEqual({ needs: {}, facts: { Chat: null }, commit: null });
  });

  it.each(['nonsense', '[]', '{"needs": {"a": "good"}}', '{"wants": {}}'])('%s is refused', (text) => {
    expect(() => parseDetails(text)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  it('tell of the jobs when nobody else does', () => {
    expect(reportNeeds({ a: 'success', b: 'failure', c: 'cancelled', d: 'skipped' })).toEqual([
      { job: 'b', outcome: 'failed', reasons: [] },
      { job: 'c', outcome: 'cancelled', reasons: [] },
    ]);
  });
});

describe('the status', () => {
  const none = { services: [] };

  it('is that of the jobs before, unless it is given', () => {
    expect(statusOf(undefined, { a: 'cancelled', b: 'failure' }, none)).toBe('failure');
    expect(statusOf(undefined, { a: 'cancelled', b: 'skipped' }, none)).toBe('cancelled');
    expect(statusOf(undefined, {}, none)).toBe('success');
    expect(statusOf('success', { a: 'failure' }, none)).toBe('success');
  });

  it('is a failure in part when something went out', () => {
    expect(statusOf('failure', {}, { services: [service(), broken] })).toBe('partial');
    expect(statusOf('failure', {}, { services: [broken] })).toBe('failure');
  });
});

describe('a line', () => {
  it('has no control, no mark of direction, and no half character', () => {
    expect(oneLine(' a\r\n\u202eb\u0000  c\ud800 ')).toBe('a b c\ufffd');
  });

  it('is cut between characters and between escapes', () => {
    const escaped = (text: string) => text.replaceAll('&', '&amp;');
    expect(fitted('&&&', 15, escaped)).toBe('&amp;&amp;&amp;');
    expect(fitted('&&&', 14, escaped)).toBe('&amp;&amp;…');
    expect(fitted('😀😀😀', 4)).toBe('😀…');
  });
});
