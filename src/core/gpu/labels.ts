import { createHash } from 'node:crypto';
import { LaunchError } from '../errors.ts';
import { printable } from '../names.ts';

const pattern = /^[a-zA-Z](?:[a-zA-Z0-9]|[-_.](?![-_.]))*[a-zA-Z0-9]$/;

/**
 * A label that Linode takes for an instance. Source: the API's own description of `label`; of two hyphens, underscores
 * or dots in a row none is taken, so that other mixtures of them are refused here, too.
 *
 * @throws LaunchError CONFIG_INVALID; `what` names the input
 */
export function parseLabel(text: string, what: string): string {
  if (text.length >= 3 && text.length <= 64 && pattern.test(text)) return text;
  throw new LaunchError('CONFIG_INVALID', `${what} is "${printable(text, 80)}".`, {
    remedy:
      'It takes 3 to 64 letters, digits, hyphens, underscores and dots, beginning with a letter, ending with a letter or digit, and no two signs in a row.',
  });
}

/** The label of the firewall that Launch makes for an instance: found again from the instance's alone. */
export function firewallLabel(instance: string): string {
  const whole = `launch-${instance}`;
  if (whole.length <= 32) return whole;
  const hash = createHash('sha256').update(instance).digest('hex').slice(0, 8);
  return `${whole.slice(0, 23).replace(/[-_.]+$/, '')}-${hash}`;
}

/** The label of the StackScript that Launch makes of a file: `stackscripts/ai-sandbox.sh` → `launch-ai-sandbox`. */
export function stackScriptLabel(file: string): string {
  const name = (file.split(/[\\/]/).at(-1) ?? file).replace(/\.(sh|bash)$/, '');
  return `launch-${name}`.slice(0, 128);
}
