import { yamlValue } from '../config/yaml-value.ts';

/** The compose project of a service: the `name` in its file, else the service's own name. */
export function composeProjectName(text: string, service: string): string {
  let file: unknown;
  try {
    file = yamlValue(text);
  } catch {
    // Saying what is wrong with the file is validation's work.
    return service;
  }
  const name = typeof file === 'object' && file !== null && 'name' in file ? file.name : undefined;
  return typeof name === 'string' && /^[a-z0-9][a-z0-9_-]*$/.test(name) ? name : service;
}
