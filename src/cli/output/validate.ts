import * as z from 'zod/mini';
import { place } from './error.ts';
import { count, field, flag, optionalText, text, texts } from './fields.ts';

const severity = z.enum(['error', 'warning']);

export const validateOutput = z.object({
  version: field(z.literal(1), 'Of this format.'),
  valid: flag('False when something was found that failOn names.'),
  failOn: field(severity, 'From what on it is not valid.'),
  errors: count('How many errors there are.'),
  warnings: count('How many warnings there are.'),
  services: field(
    z.array(
      z.object({
        name: text('The name of the service.'),
        path: text('Its folder, from the top of the repository.'),
        errors: count('How many errors it has.'),
        warnings: count('How many warnings it has.'),
      }),
    ),
    'The services that were looked into, by name.',
  ),
  problems: field(
    z.array(
      z.object({
        rule: text('The id of the rule; docs/validation-rules.md lists them all.'),
        severity: field(severity, 'How bad it is.'),
        message: text('What is wrong.'),
        remedy: text('What to do about it, as a sentence.'),
        place,
        service: optionalText('The service it belongs to; not there for one of the whole repository.'),
      }),
    ),
    'By file and line.',
  ),
  notes: texts('What a reader should know about how it was checked, as sentences.'),
});
export type ValidateOutput = z.infer<typeof validateOutput>;
