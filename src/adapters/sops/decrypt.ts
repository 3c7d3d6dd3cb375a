import { LaunchError } from '../../core/errors.ts';
import { decryptArgv, parseDecrypted, sopsFault } from '../../core/secrets/sops-file.ts';
import { assertNotCancelled, describeOutcome, run, succeeded } from '../process/run.ts';
import type { SopsKey } from './find-key.ts';

export interface DecryptOptions {
  /** What it is called, for errors. */
  readonly file: string;
  readonly key: SopsKey;
  /** Of this process: sops is looked for on its PATH. */
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  /** In milliseconds. Default 30 s; it takes some 50 ms. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Has sops decrypt a file, over pipes: neither the key nor what comes out is ever on a disk. What sops says is not
 * passed on, because it may quote the file.
 *
 * @throws LaunchError ENGINE_UNAVAILABLE without a sops that can do it, CONFIG_INVALID for a file that is broken,
 *   TIMEOUT, CANCELLED
 */
export async function decryptSops(
  content: Uint8Array,
  { file, key, env, signal, timeoutMs = 30_000 }: DecryptOptions,
): Promise<ReadonlyMap<string, string> | 'wrong key'> {
  const result = assertNotCancelled(
    await run(decryptArgv, {
      // No settings file of sops is found there, and with no home no key but the one that was given.
      cwd: '/',
      env: { PATH: env['PATH'], HOME: '/nonexistent', ...key.env },
      input: content,
      timeout: timeoutMs,
      wholeGroup: true,
      ...(signal === undefined ? {} : { signal }),
    }),
  );
  if (succeeded(result)) return parseDecrypted(result.stdout, file);
  if (result.outcome === 'not-started') throw noSops(`sops ${describeOutcome(result)}`, file);
  if (result.outcome === 'timed-out') {
    throw new LaunchError('TIMEOUT', `sops did not decrypt ${file} within ${timeoutMs / 1000} s.`, {
      place: { file },
      remedy: `Nothing has been changed. Run \`sops decrypt ${file}\` on the runner to see what it waits for.`,
    });
  }
  const fault = result.outcome === 'exited' ? sopsFault(result.exitCode) : 'broken';
  if (fault === 'key') return 'wrong key';
  if (fault === 'old') throw noSops('sops on this runner does not read from stdin', file);
  throw new LaunchError(
    'CONFIG_INVALID',
    fault === 'changed'
      ? `${file} was changed without sops, or is damaged: what it holds does not match its checksums.`
      : `sops can't decrypt ${file} (${describeOutcome(result)}).`,
    {
      place: { file },
      remedy: `Nothing has been changed. Take back what was done to it by hand, and edit it with \`sops edit ${file}\`. What sops says is not shown, because it may quote the file.`,
    },
  );
}

function noSops(what: string, file: string): LaunchError {
  return new LaunchError('ENGINE_UNAVAILABLE', `${file} can't be decrypted: ${what}.`, {
    place: { file },
    remedy:
      "Nothing has been changed. Install sops 3.10 or later where the runner's PATH finds it, or hand the secrets over in LAUNCH_SECRETS.",
  });
}
