import * as z from 'zod/mini';
import { driver, port } from '../config/fields.ts';
import { LaunchError } from '../errors.ts';

const secret = z.strictObject({
  /** With placeholders. */
  name: z.string(),
  /** What it is, as part of a sentence. */
  what: z.string(),
  /** A command that makes a value. */
  generate: z.optional(z.string()),
});

/** `template.json`: what is to be known of a template beside its files. */
const templateFile = z.strictObject({
  description: z.string(),
  driver,
  /** The host port that it publishes where that is free. */
  port: z.optional(port),
  /** What its service.yml declares. */
  secrets: z._default(z.array(secret), []),
  /** What its target's LAUNCH_SECRETS has to hold, whatever the service. */
  targetSecrets: z._default(z.array(secret), []),
  /** Declared in launch.yml where no target is for its driver. */
  target: z.optional(
    z.strictObject({ name: z.string(), settings: z.strictObject({ 'runs-on': z.string(), driver }) }),
  ),
  /** What the machine of its target has to have, as part of a sentence. */
  needs: z.optional(z.string()),
});

export interface Template extends z.infer<typeof templateFile> {
  readonly name: string;
}

/** The name of the file that describes a template; it is no part of the service. */
export const templateFileName = 'template.json';

/** @throws LaunchError CONFIG_INVALID, which only a changed copy of Launch can cause. */
export function readTemplate(name: string, text: string): Template {
  const parsed = z.safeParse(templateFile, JSON.parse(text));
  if (parsed.success) return { name, ...parsed.data };
  throw new LaunchError('CONFIG_INVALID', `The template "${name}" is broken.`, {
    place: { file: `services/templates/${name}/${templateFileName}` },
    remedy: 'Install Launch anew.',
    cause: parsed.error,
  });
}
