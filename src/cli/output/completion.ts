import * as z from 'zod/mini';
import { field, text } from './fields.ts';

export const completionOutput = z.object({
  shell: field(z.enum(['bash', 'zsh', 'fish']), 'The shell.'),
  script: text('What the shell has to read.'),
});
export type CompletionOutput = z.infer<typeof completionOutput>;
