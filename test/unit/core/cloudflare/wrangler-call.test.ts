import { describe, expect, it } from '@jest/globals';
import {
  deployArgv,
  rehearsalArgv,
  triggersArgv,
  uploadArgv,
} from '../../../../src/core/cloudflare/wrangler-argv.ts';
import {
  isTokenFault,
  passingFault,
  readWranglerOutput,
  wranglerFailure,
} from '../../../../src/core/cloudflare/wrangler-output.ts';

const task = { configPath: '/w/wrangler.jsonc', environment: undefined };
const safe = ['--config', '/w/wrangler.jsonc', '--env=', '--env-file=/dev/null', '--no-x-provision'];

describe('the arguments of wrangler', () => {
  it('hold what is not secret, and keep .env files and provisioning away', () => {
    const upload = {
      ...task,
      vars: new Map([
        ['A', '1'],
        ['B', '-x:y z'],
      ]),
      tag: '3f9c2a1b7d44-9e107d9d372b',
      message: 'Launch, by octocat',
      secretsFile: '/dev/stdin',
    };
    const content = [
      ...['--var', 'A:1', '--var', 'B:-x:y z'],
      ...['--tag=3f9c2a1b7d44-9e107d9d372b', '--message=Launch, by octocat', '--secrets-file=/dev/stdin'],
    ];
    expect(uploadArgv(upload)).toEqual(['versions', 'upload', ...safe, ...content]);
    expect(deployArgv(upload)).toEqual(['deploy', ...safe, ...content]);
    expect(triggersArgv({ ...task, environment: 'staging' })).toEqual([
      ...['triggers', 'deploy', '--config', '/w/wrangler.jsonc', '--env=staging'],
      ...['--env-file=/dev/null', '--no-x-provision'],
    ]);
    expect(rehearsalArgv(task, '/tmp/o')).toEqual(['deploy', ...safe, '--dry-run', '--outdir', '/tmp/o']);
    const bare = { ...task, vars: new Map(), tag: undefined, message: 'm', secretsFile: undefined };
    expect(uploadArgv(bare)).toEqual(['versions', 'upload', ...safe, '--message=m']);
  });
});

describe('what wrangler says', () => {
  const line = (entry: object) => `${JSON.stringify(entry)}\n`;

  it('is read out of its output file, whatever else is in there', () => {
    const text = [
      line({ type: 'wrangler-session', command_line_args: ['x'] }),
      'no json\n',
      line({ type: 'of tomorrow', version_id: 'no' }),
      line({ type: 'version-upload', version_id: 'v1', preview_url: 'https://v1' }),
    ].join('');
    expect(readWranglerOutput(text)).toEqual({
      versionId: 'v1',
      previewUrl: 'https://v1',
      failed: undefined,
    });
    expect(readWranglerOutput(line({ type: 'deploy', version_id: null }))).toMatchObject({
      versionId: undefined,
    });
    expect(readWranglerOutput('')).toEqual({
      versionId: undefined,
      previewUrl: undefined,
      failed: undefined,
    });
    const failed = line({ type: 'command-failed', code: 10_000, message: 'm', retry_after_ms: 1000 });
    expect(readWranglerOutput(failed).failed).toEqual({ code: 10_000, message: 'm', retryAfterMs: 1000 });
  });

  it('tells whether another try is worth it', () => {
    const fault = (more: object) => ({ code: undefined, message: '', retryAfterMs: undefined, ...more });
    expect(passingFault(undefined, [])).toBeUndefined();
    expect(passingFault(fault({ code: 10_013 }), [])).toBe(1000);
    expect(passingFault(fault({ code: 10_429, retryAfterMs: 2500 }), [])).toBe(2500);
    expect(passingFault(fault({ retryAfterMs: 3_600_000 }), [])).toBe(60_000);
    expect(passingFault(fault({ message: 'fetch failed' }), [])).toBe(1000);
    const malformed = fault({ message: 'Received a malformed response from the API' });
    expect(passingFault(malformed, ['POST /x -> 503 Service Unavailable'])).toBe(1000);
    expect(passingFault(malformed, ['POST /x -> 404 Not Found'])).toBeUndefined();
    expect(passingFault(fault({ code: 10_021, message: 'bad code' }), [])).toBeUndefined();
    expect(isTokenFault(fault({ code: 10_000 }))).toBe(true);
    expect(isTokenFault(fault({ code: 10_085 }))).toBe(false);
  });

  it('is cut down to why it failed', () => {
    const lines = [
      'Total Upload: 1 KiB',
      '✘ [ERROR] A request to the Cloudflare API (/x) failed.',
      '',
      '  R2 bucket x not found. [code: 10085]',
      '  ',
      '  If you think this is a bug, please open an issue at: https://…',
    ];
    expect(wranglerFailure(lines)).toBe('R2 bucket x not found. [code: 10085]');
    expect(wranglerFailure(lines.slice(0, 2))).toBe('A request to the Cloudflare API (/x) failed.');
    expect(wranglerFailure(['all is well'])).toBeUndefined();
    // Of a wrangler that is there by halves Node tells.
    const halves = [
      "Error: Cannot find module '/x/wrangler/bin/wrangler.js'",
      "  code: 'MODULE_NOT_FOUND',",
      '}',
    ];
    expect(wranglerFailure(halves)).toBe(halves[0]);
  });
});
