import { describe, expect, it } from '@jest/globals';
import { launchFile } from '../../../../src/core/config/launch-file.ts';
import { parseConfig } from '../../../../src/core/config/parse.ts';
import { serviceFile } from '../../../../src/core/config/service-file.ts';
import { formatPlace } from '../../../../src/core/errors.ts';

function service(text: string) {
  return parseConfig(serviceFile, text, 's.yml');
}

/** Each problem as `line:column message remedy`. */
function problems(text: string, schema: typeof serviceFile | typeof launchFile = serviceFile): string[] {
  const parsed = parseConfig(schema, text, 'f.yml');
  if (parsed.ok) return [];
  return parsed.problems.map(
    (problem) => `${formatPlace(problem.place)} ${problem.message} ${problem.remedy}`,
  );
}

describe('parseConfig', () => {
  it.each(['', '\n', '# only a comment\n', '---\n', 'null', '~', '{}', '\ufeff'])(
    'takes %j for a file that says nothing',
    (text) => {
      expect(service(text)).toMatchObject({
        ok: true,
        value: { enabled: true, strategy: 'recreate', drain: 30_000 },
      });
    },
  );

  it('reads values into domain types', () => {
    const parsed = service(
      'drain: 1.5m\nsteady: 20s\nenv: {PORT: 80, DEBUG: false, NAME: x}\nhealth:\n  - {tcp: "db:5432", timeout: 500ms}\n',
    );
    expect(parsed).toMatchObject({
      ok: true,
      value: {
        drain: 90_000,
        steady: 20_000,
        env: { PORT: '80', DEBUG: 'false', NAME: 'x' },
        health: [{ timeout: 500 }],
      },
    });
  });

  it('names an unknown key, where it is, and the nearest one', () => {
    expect(problems('enabled: true\n\ntraget: homelab\n')).toEqual([
      'f.yml:3:1 Unknown key "traget". Did you mean "target"?',
    ]);
  });

  it('finds it in nested maps and lists, too', () => {
    expect(problems('route:\n  host: x.example\n  prot: 80\n  port: 80\n')).toEqual([
      'f.yml:3:3 Unknown key "prot" in "route". Did you mean "port"?',
    ]);
    expect(problems('health:\n  - tcp: "db:1"\n    timeuot: 3s\n')).toEqual([
      'f.yml:3:5 Unknown key "timeuot" in "health.0". Did you mean "timeout"?',
    ]);
    expect(problems('targets:\n  lab:\n    runs-on: x\n    hsot: y\n', launchFile)).toEqual([
      'f.yml:4:5 Unknown key "hsot" in "targets.lab". Did you mean "host"?',
    ]);
    expect(problems('targets: {lab: {runs-on: {group: a, label: b}}}\n', launchFile)).toEqual([
      'f.yml:1:37 Unknown key "label" in "targets.lab.runs-on". Did you mean "labels"?',
    ]);
  });

  it('tells every problem of a file', () => {
    expect(problems('enabled: maybe\ndriver: docker\nurl: ftp://x\n')).toEqual([
      expect.stringMatching(/^f\.yml:1:1 "enabled" must be true or false, not text\./),
      expect.stringMatching(/^f\.yml:2:1 "driver" must be "compose" or "script" or "worker"\./),
      expect.stringMatching(/^f\.yml:3:1 "url" is not an http:\/\/ or https:\/\/ URL\./),
    ]);
  });

  it.each([
    ['- a\n', /^f\.yml:1:1 The file must be a map, not a list/],
    ['just text\n', /^f\.yml:1:1 The file must be a map, not text/],
    ['route:\n', /^f\.yml:1:1 "route" must be a map, not empty/],
    ['depends-on: db\n', /^f\.yml:1:1 "depends-on" must be a list, not text/],
    ['depends-on:\n  - db\n  - Data Base\n', /^f\.yml:3:5 "depends-on\.1" is not a valid name/],
    ['inputs: [/etc/passwd]\n', /^f\.yml:1:10 "inputs\.0" must be relative/],
    ['secrets: [A, b-c]\n', /^f\.yml:1:14 "secrets\.1" is not a valid secret name/],
    ['env:\n  A B: x\n', /^f\.yml:2:3 "env\.A B" has a key that is not a valid environment variable name/],
    ['env:\n  A: [x]\n', /^f\.yml:2:3 "env\.A" /],
    ['drain: soon\n', /^f\.yml:1:1 "drain" is not a duration/],
    ['drain: 25h\n', /^f\.yml:1:1 "drain" is not a duration/],
    ['route: {host: x, port: 70000}\n', /^f\.yml:1:18 "route\.port" is not a port/],
    ['route: {host: x}\n', /^f\.yml:1:1 "route\.port" must be a number/],
    ['target: a\ntargets: [b]\n', /^f\.yml:1:1 The file has both target and targets/],
    ['health:\n  - {http: "http://x", tcp: "x:1"}\n', /^f\.yml:2:5 "health\.0" must have exactly one/],
    [
      'health:\n  - http: "http://x"\n    status: ok\n',
      /^f\.yml:3:5 "health\.0\.status" is not an HTTP status/,
    ],
  ])('explains %j', (text, message) => {
    expect(problems(text)).toEqual([expect.stringMatching(message)]);
  });

  it.each([
    ['targets: {lab: {runs-on: []}}\n', /"targets\.lab\.runs-on" is an empty list/],
    ['targets: {lab: {runs-on: [a, ""]}}\n', /"targets\.lab\.runs-on\.1" is an empty runner label/],
    ['targets: {lab: {runs-on: 5}}\n', /"targets\.lab\.runs-on" is not a runner label/],
    ['targets: {lab: {runs-on: {}}}\n', /"targets\.lab\.runs-on" needs a group, labels, or both/],
    ['targets: {lab: {}}\n', /"targets\.lab\.runs-on" /],
    ['targets: {Lab: {runs-on: x}}\n', /"targets\.Lab" has a key that is not a valid name/],
    ['targets: {lab: {runs-on: x, host: "a b"}}\n', /"targets\.lab\.host" is not a host name/],
    ['services: []\n', /"services" is an empty list/],
    ['shared: [{paths: [x], services: all}]\n', /"shared\.0\.services" /],
  ])('explains %j in launch.yml', (text, message) => {
    expect(problems(text, launchFile)).toEqual([expect.stringMatching(message)]);
  });

  it.each([
    ['a: [1\nb: 2\n', /not valid YAML/],
    ['enabled:\ttrue\n\ttarget: x\n', /not valid YAML/],
    ['target: a\ntarget: b\n', /f\.yml:2:1 The file is not valid YAML: Map keys must be unique/],
    ['target: "open\n', /not valid YAML/],
    ['target: *nothing\n', /f\.yml:\d+:\d+ The file is not valid YAML|can't be read/],
  ])('refuses broken YAML: %j', (text, message) => {
    const found = problems(text);
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]).toMatch(message);
  });

  it('refuses two documents in one file', () => {
    expect(problems('target: a\n---\ntarget: b\n').length).toBeGreaterThan(0);
  });

  it('refuses a file whose aliases multiply, and one nested without end, in no time', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 12; level++) {
      const last = String.fromCharCode(96 + level);
      const name = String.fromCharCode(97 + level);
      bomb.push(`${name}: &${name} [${Array(10).fill(`*${last}`).join(', ')}]`);
    }
    expect(problems(bomb.join('\n')).length).toBeGreaterThan(0);
    expect(problems(`env: ${'['.repeat(20_000)}`).length).toBeGreaterThan(0);
    expect(problems(`env: ${'{a: '.repeat(20_000)}`).length).toBeGreaterThan(0);
  });

  it('lets no key reach into objects', () => {
    expect(problems('__proto__: {enabled: false}\n')).toEqual([
      expect.stringMatching(/Unknown key "__proto__"/),
    ]);
    expect(problems('constructor: x\n')).toEqual([expect.stringMatching(/Unknown key "constructor"/)]);
    const parsed = service('env: {__proto__: polluted}\n');
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    expect(parsed.ok === false || Object.getPrototypeOf(parsed.value.env) === Object.prototype).toBe(true);
  });

  it('shows no control characters of a key or value', () => {
    const [found] = problems('"a\\u001b[31m\\n::error::b": 1\n');
    expect(found).toMatch(/Unknown key "a\\u001b\[31m\\u000a::error::b"/);
  });

  it('does not print a whole foreign file', () => {
    const [found] = problems(`${'x'.repeat(100_000)}: 1\n`);
    expect(found?.length).toBeLessThan(1000);
  });
});
