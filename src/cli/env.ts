import { parseSecrets } from '../core/secrets/parse-secrets.ts';
import { UsageError } from './run-command.ts';

/** What `--env` gives. @throws UsageError */
export function readEnv(lines: readonly string[]): ReadonlyMap<string, string> {
  const wrong = lines.find((line) => !/^[A-Za-z_][A-Za-z0-9_]*=/.test(line));
  if (wrong === undefined) return parseSecrets(lines.join('\n'), 'What --env gives');
  // Its value is not repeated: people do hand over secrets this way.
  throw new UsageError('--env takes NAME=value, where NAME is made of letters, digits and underscores.');
}
