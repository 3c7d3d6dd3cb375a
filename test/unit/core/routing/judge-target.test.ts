import { describe, expect, it } from '@jest/globals';
import type { RunsOn } from '../../../../src/core/config/launch-file.ts';
import {
  judgeEnvironment,
  judgeTarget,
  type KnownRunners,
} from '../../../../src/core/routing/judge-target.ts';

const runner = (name: string, labels: readonly string[], online = true, busy = false) => ({
  name,
  labels,
  online,
  busy,
});
const known = (...runners: ReturnType<typeof runner>[]): KnownRunners => ({
  known: true,
  runners,
  incomplete: undefined,
});
const home = runner('lab1', ['self-hosted', 'Linux', 'homelab']);

function judge(runsOn: RunsOn, runners: KnownRunners, users: readonly string[] = ['web']) {
  const { state, detail, remedy } = judgeTarget({ target: { name: 'x', runsOn }, users, runners });
  return `${state}: ${detail} | ${remedy}`;
}

describe('judgeTarget', () => {
  it.each([
    [['self-hosted', 'homelab'], /^ok: self-hosted, homelab; used by web; lab1 online \| $/],
    [['self-hosted', 'HomeLab'], /^ok: .*written otherwise at the runner: HomeLab \| $/],
    [
      ['self-hosted', 'homelap'],
      /^failed: .*no runner has all.*Did you mean "homelab" instead of "homelap"\?/,
    ],
    [['self-hosted', 'gpu-cluster'], /^failed: .*Register a runner/],
    ['ubuntu-latest', /^ok: .*not checked, it is a runner of GitHub/],
    [{ group: 'big', labels: ['x'] }, /^ok: group big, x; .*not checked, it names a runner group/],
  ])('of %j', (runsOn, said) => {
    expect(judge(runsOn, known(home))).toMatch(said);
  });

  it('tells what is off, busy, or nobody’s', () => {
    const labels = ['homelab'];
    expect(judge(labels, known({ ...home, online: false }))).toMatch(/^failed: .*lab1 offline \| Start/);
    expect(judge(labels, known({ ...home, busy: true }))).toMatch(/^ok: .*lab1 online, but busy/);
    expect(judge(labels, known(home), [])).toMatch(/^warning: .*used by no service.*Remove it/);
    expect(judge(['gone'], known(home), [])).toMatch(/^warning: .*no runner/);
    expect(judge(labels, known(home), ['a', 'b', 'c', 'd', 'e', 'f', 'g'])).toContain('e and 2 more');
  });

  it('does not take for missing what it could not see', () => {
    expect(judge(['homelab'], { known: false })).toMatch(/^ok: .*were not checked/);
    expect(judge(['homelab'], { known: false }, [])).toMatch(/^warning: .*used by no service/);
    const partly: KnownRunners = { known: true, runners: [], incomplete: 'GitHub answered 403.' };
    expect(judge(['homelab'], partly)).toMatch(
      /^warning: .*organisation could not be listed: GitHub answered 403/,
    );
  });
});

describe('judgeEnvironment', () => {
  it('says what a job would make of one that is not there', () => {
    expect(judgeEnvironment('prod', ['aws'], 'there')).toMatchObject({ state: 'ok' });
    expect(judgeEnvironment('prod', ['aws'], undefined)).toMatchObject({
      state: 'ok',
      detail: 'of aws; not checked',
    });
    expect(judgeEnvironment('prod', ['aws', 'lab'], 'missing')).toMatchObject({
      state: 'failed',
      subject: 'environment prod',
      detail: 'of aws, lab; is not there',
    });
  });
});
