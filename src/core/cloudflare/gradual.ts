import { LaunchError } from '../errors.ts';
import { printable } from '../names.ts';

/**
 * The steps of a gradual deployment, in percent: `10,50,100`. Empty for an empty text: all at once.
 *
 * @throws LaunchError CONFIG_INVALID
 */
export function parseGradual(text: string | undefined): readonly number[] {
  if (text === undefined || text.trim() === '') return [];
  const steps = text.split(',').map((part) => {
    const step = part.trim().replace(/\s*%$/, '');
    return /^\d{1,3}(\.\d{1,2})?$/.test(step) ? Number(step) : Number.NaN;
  });
  const rises = steps.every((step, at) => step > (steps[at - 1] ?? 0) && step <= 100);
  if (rises && steps.at(-1) === 100) return steps;
  throw new LaunchError('CONFIG_INVALID', `The input \`gradual\` is "${printable(text, 80)}".`, {
    remedy: 'It takes percentages that rise to 100, such as 10,50,100.',
  });
}
