import * as z from 'zod/mini';
import { errorCodes } from '../../core/errors.ts';
import { count, field, flag, optionalText, text } from './fields.ts';

export const errorCode = field(z.enum(errorCodes), 'The code of the error; docs/errors.md lists them all.');

/** An error within a result that tells more beside. */
export const errorInResult = z.object({
  code: errorCode,
  message: text('What happened, where, and what to do next.'),
});

/** What every command prints when it fails, in place of its result. */
export const errorOutput = z.object({
  error: field(
    z.object({
      code: errorCode,
      message: text('What happened, where, and what to do next: the whole of it for people.'),
      summary: text('What happened, as a sentence.'),
      place: z.optional(
        field(
          z.object({
            file: text('A file, from the top of the repository; or what people call something that is none.'),
            line: z.optional(count('Counts from 1.')),
            column: z.optional(count('Counts from 1.')),
            isFile: z.optional(flag('Only there, and false, where `file` is no file.')),
          }),
          'Where; not there when it is at no place in a file.',
        ),
      ),
      remedy: text('What to do next, as a sentence.'),
    }),
    'What the command failed with.',
  ),
});
export type ErrorOutput = z.infer<typeof errorOutput>;

export const optionalError = z.optional(
  field(errorInResult, 'What it amounts to where it failed; not there when it did not.'),
);
export const errorOrNull = field(
  z.nullable(errorInResult),
  'What it failed with; null when it did not fail.',
);

export const failure = z.optional(
  field(
    z.object({
      reason: text('Why the release was not accepted.'),
      lines: field(z.array(z.string()), 'The last lines of what failed, oldest first, without secrets.'),
      cancelled: z.optional(flag('Nothing was wrong with it: somebody ended the run.')),
    }),
    'Why it failed; not there when it did not.',
  ),
);

export const place = field(
  z.object({
    file: text('From the top of the repository.'),
    line: z.optional(count('Counts from 1; not there when the whole file is meant.')),
    column: z.optional(count('Counts from 1.')),
    isFile: z.optional(flag('Only there, and false, where `file` is no file.')),
  }),
  'Where it is.',
);

export const fault = optionalText('What is wrong with what serves; not there when it is in order.');
