import * as z from 'zod/mini';
import { field, flag, target, text, texts } from './fields.ts';

const healthy = flag('Whether nothing has failed.');
const findings = field(
  z.array(
    z.object({
      subject: text('What was looked at.'),
      state: field(z.enum(['ok', 'warning', 'failed']), 'How it is.'),
      detail: text('What was found, in a few words.'),
      remedy: text('What to do about it; empty when nothing is to be done.'),
    }),
  ),
  'Everything that was looked at.',
);

export const doctorOutput = z.object({ healthy, findings });
export type DoctorOutput = z.infer<typeof doctorOutput>;

/** Of `launch doctor --targets`. */
export const doctorTargetsOutput = z.object({
  healthy,
  targets: field(
    z.array(
      z.object({
        target,
        labels: texts('The labels by which its runner is found.'),
        services: texts('The services that are deployed to it.'),
        runners: field(
          z.nullable(
            z.array(
              z.object({
                name: text('The name of the runner.'),
                online: flag('Whether it is connected to GitHub.'),
                busy: flag('Whether it runs a job.'),
              }),
            ),
          ),
          'The runners with all of its labels; null when GitHub could not be asked for them.',
        ),
        environment: field(
          z.nullable(
            z.object({
              name: text('The GitHub environment of the target.'),
              state: field(z.enum(['there', 'missing', 'unknown']), 'Whether GitHub has it.'),
            }),
          ),
          'Null when the target names none.',
        ),
      }),
    ),
    'The targets of launch.yml, and those that services name.',
  ),
  findings,
});
export type DoctorTargetsOutput = z.infer<typeof doctorTargetsOutput>;
