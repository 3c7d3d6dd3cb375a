import { chmodSync, copyFileSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { findShellcheck } from '../../../src/adapters/shellcheck/find.ts';
import type { ValidationRequest } from '../../../src/operations/validate-services.ts';
import { removeRepositories, temporaryFolder } from '../../support/repository.ts';
import { requireTools, toolPath } from '../../support/tools.ts';
import { repositoryWith, scriptService, validate, validateFiles } from '../../support/validating.ts';

afterAll(removeRepositories);

const faulty = 'unused=1\n';

function shellcheck(setting: Partial<ValidationRequest['shellcheck']>): Partial<ValidationRequest> {
  return {
    shellcheck: {
      severity: 'warning',
      required: false,
      path: process.env['PATH'] ?? '',
      toolCache: temporaryFolder(),
      ...setting,
    },
  };
}

requireTools('shellcheck')('scripts of services', () => {
  it('are found by ending and by shebang, and only those that ShellCheck knows', async () => {
    expect(
      await validateFiles({
        ...scriptService('web'),
        'services/web/bin/run': { executable: `#!/bin/bash\n${faulty}` },
        'services/web/bin/env': { executable: `#!/usr/bin/env -S bash -e\n${faulty}` },
        'services/web/bin/dash': { executable: `#!/bin/dash\n${faulty}` },
        'services/web/bin/zsh': { executable: `#!/bin/zsh\n${faulty}` },
        'services/web/bin/fish.sh': { executable: `#!/usr/bin/fish\n${faulty}` },
        'services/web/bin/python.sh': { executable: `#!/usr/bin/env python3\n${faulty}` },
        'services/web/lib.bash': `# shellcheck shell=bash\n${faulty}`,
        'services/web/notes.txt': faulty,
      }),
    ).toEqual([
      'SC2034 services/web/bin/dash:2',
      'SC2034 services/web/bin/env:2',
      'SC2034 services/web/bin/run:2',
      'SC2034 services/web/lib.bash:2',
    ]);
  });

  it('must be executable in git and on disk, have a shebang and LF endings', async () => {
    const repository = repositoryWith({
      ...scriptService('web'),
      'services/web/deploy.sh': '#!/bin/sh\necho\n',
      'services/web/health-check.sh': { executable: 'echo\r\necho\r\n' },
      'services/web/bom.sh': { executable: '\u{feff}#!/bin/sh\necho\n' },
      'services/web/tool.sh': '#!/bin/sh\necho\n',
      'services/web/library.sh': '# shellcheck shell=sh\necho\n',
    });
    chmodSync(join(repository.path, 'services/web/deploy.sh'), 0o755);
    const report = await validate(repository.path);
    expect(
      report.problems.map(({ rule, severity, place }) => `${severity} ${rule} ${place.file}:${place.line}`),
    ).toEqual([
      'error script-without-shebang services/web/bom.sh:1',
      'error script-not-executable services/web/deploy.sh:1',
      'error crlf-line-endings services/web/health-check.sh:1',
      'error script-without-shebang services/web/health-check.sh:1',
      'warning script-not-executable services/web/tool.sh:1',
    ]);
    const [, inGit] = report.problems;
    expect(inGit?.remedy).toBe('Run: git update-index --chmod=+x services/web/deploy.sh');
  });

  it('are judged by the severity that is asked for', async () => {
    const files = {
      ...scriptService('web'),
      'services/web/deploy.sh': { executable: '#!/bin/sh\necho $1\nunused=1\n' },
    };
    expect(await validateFiles(files)).toEqual(['SC2034 services/web/deploy.sh:3']);
    expect(await validateFiles(files, shellcheck({ severity: 'info' }))).toHaveLength(2);
    expect(await validateFiles(files, shellcheck({ severity: 'error' }))).toEqual([]);
    expect(await validateFiles(files, shellcheck({ severity: 'off' }))).toEqual([]);
  });

  it('can not switch checks off in a file apart, but by a comment that is counted', async () => {
    const report = await validate(
      repositoryWith({
        ...scriptService('web'),
        '.shellcheckrc': 'disable=SC2034\nexternal-sources=true\n',
        'services/web/.shellcheckrc': 'disable=all\n',
        'services/web/deploy.sh': { executable: `#!/bin/sh\n${faulty}` },
        'services/web/other.sh': { executable: `#!/bin/sh\n# shellcheck disable=SC2034\n${faulty}` },
      }).path,
    );
    expect(report.problems.map(({ rule, place }) => [rule, place.file])).toEqual([
      ['SC2034', 'services/web/deploy.sh'],
    ]);
    expect(report.notes).toEqual(['1 scripts switch checks of ShellCheck off by a comment.']);
  });

  it('may have any name, be huge, binary, or links that lead astray', async () => {
    const nasty = ['-rf.sh', 'a b,c.sh', 'line\nbreak.sh', '%0A::error::x.sh', "quote'.sh", '$(touch x).sh'];
    const repository = repositoryWith({
      ...scriptService('web'),
      ...Object.fromEntries(
        nasty.map((name) => [`services/web/${name}`, { executable: `#!/bin/sh\n${faulty}` }]),
      ),
      'services/web/huge.sh': { executable: `#!/bin/sh\n${'# padding\n'.repeat(200_000)}` },
      'services/web/binary.sh': { executable: '\x7fELF\0\0\0' },
      'services/web/loop-a': { symlink: 'loop-b' },
      'services/web/loop-b': { symlink: 'loop-a' },
      'services/web/up': { symlink: '../../../outside' },
      'services/web/root': { symlink: '/etc/passwd' },
      'services/web/nothing': { symlink: 'not-there' },
      'services/web/hop': { symlink: 'door/passwd' },
      'services/web/door': { symlink: '/etc' },
    });
    const report = await validate(repository.path);
    const of = (rule: string): string[] =>
      report.problems
        .filter((problem) => problem.rule === rule)
        .map(({ place }) => place.file.slice('services/web/'.length));
    expect(of('SC2034').sort()).toEqual([...nasty].sort());
    expect(of('file-too-large')).toEqual(['huge.sh']);
    expect(of('script-not-text')).toEqual(['binary.sh']);
    expect(of('symlink-outside-repository')).toEqual(['door', 'hop', 'root', 'up']);
    expect(of('broken-symlink')).toEqual(['loop-a', 'loop-b', 'nothing']);
    for (const { message, remedy } of report.problems) expect(`${message}${remedy}`).not.toMatch(/[\n\r]/);
  });

  it('may be links into the repository, when the file is declared', async () => {
    const files = {
      ...scriptService('web'),
      'scripts/deploy.sh': { executable: `#!/bin/sh\n${faulty}` },
      'services/web/deploy.sh': { symlink: '../../scripts/deploy.sh' },
    };
    expect(await validateFiles(files)).toEqual([
      'SC2034 scripts/deploy.sh:2',
      'undeclared-input services/web/deploy.sh:1',
    ]);
    expect(
      await validateFiles({ ...files, 'services/web/service.yml': 'inputs: [../../scripts/**]\n' }),
    ).toEqual(['SC2034 scripts/deploy.sh:2']);
  });

  it('that nobody has committed yet are checked, ignored ones are not', async () => {
    const repository = repositoryWith({ ...scriptService('web'), '.gitignore': 'ignored.sh\n' });
    for (const name of ['new.sh', 'ignored.sh']) {
      writeFileSync(join(repository.path, 'services/web', name), `#!/bin/sh\n${faulty}`, { mode: 0o755 });
    }
    expect((await validate(repository.path)).problems.map(({ place }) => place.file)).toEqual([
      'services/web/new.sh',
    ]);
  });

  it('are all checked, hundreds at a time, each once', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 450 }, (_, i) => [
        `services/web/part-${i}.sh`,
        { executable: `#!/bin/sh\n${faulty}` },
      ]),
    );
    const found = await validateFiles({ ...scriptService('web'), ...files });
    expect(new Set(found).size).toBe(450);
    expect(found).toHaveLength(450);
  });
});

describe('where there is no shellcheck', () => {
  const files = { ...scriptService('web') };
  const refuse = async (): Promise<void> => {
    throw new Error('network is unreachable');
  };

  it('the report says that it did not run, as an error when it was asked for', async () => {
    const { path } = repositoryWith(files);
    const quiet = await validate(path, shellcheck({ path: '/nonexistent', download: refuse }));
    expect(quiet.problems).toMatchObject([{ rule: 'shellcheck-unavailable', severity: 'warning' }]);
    expect(quiet.problems[0]?.message).toContain('network is unreachable');
    expect(quiet.problems[0]?.remedy).toContain('apt-get install shellcheck');
    const asked = await validate(
      path,
      shellcheck({ path: '/nonexistent', download: refuse, required: true }),
    );
    expect(asked).toMatchObject({ valid: false, problems: [{ severity: 'error' }] });
  });

  it("npm's downloader of the same name is not taken for it", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'lib'));
    writeFileSync(join(folder, 'lib/shellcheck.js'), '#!/usr/bin/env node\n', { mode: 0o755 });
    symlinkSync('lib/shellcheck.js', join(folder, 'shellcheck'));
    expect(findShellcheck(folder)).toBeUndefined();
  });
});

requireTools('shellcheck')('a fetched shellcheck', () => {
  it('is put into the tool cache once, and used from there', async () => {
    const { path } = repositoryWith({
      ...scriptService('web'),
      'services/web/deploy.sh': { executable: `#!/bin/sh\n${faulty}` },
    });
    const toolCache = temporaryFolder();
    let fetched = 0;
    const download = async (_release: string, destination: string): Promise<void> => {
      fetched += 1;
      copyFileSync(findShellcheck(process.env['PATH'] ?? '') ?? toolPath('shellcheck') ?? '', destination);
      chmodSync(destination, 0o755);
    };
    for (const _ of [1, 2]) {
      const report = await validate(path, shellcheck({ path: '/nonexistent', toolCache, download }));
      expect(report.problems.map(({ rule }) => rule)).toEqual(['SC2034']);
    }
    expect(fetched).toBe(1);
    const [version] = readdirSync(join(toolCache, 'launch-shellcheck'));
    expect(readdirSync(join(toolCache, 'launch-shellcheck', version ?? '', process.arch))).toEqual([
      'shellcheck',
    ]);
  });
});
