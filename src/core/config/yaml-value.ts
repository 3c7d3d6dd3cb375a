import { parse } from 'yaml';

/** A plan reads each service's file twice, for the order and for the settings, and of a thousand that is what takes its time. */
const known = new Map<string, unknown>();
const mostKnown = 2000;

/**
 * What a YAML text says, without the places where it does; parsed once. Whoever asks for the same text is given the same
 * value, and changes nothing in it.
 *
 * @throws Error for broken YAML
 */
export function yamlValue(text: string): unknown {
  const before = known.get(text);
  if (before !== undefined) return before;
  // Warnings would be printed with the line that they are about, which may be a command to the runner.
  const value: unknown = parse(text, { logLevel: 'error' });
  if (known.size >= mostKnown) known.clear();
  known.set(text, value);
  return value;
}
