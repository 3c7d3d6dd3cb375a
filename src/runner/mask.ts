import * as core from '@actions/core';
import { secretForms } from '../core/secrets/redact.ts';

/** Has the runner hide these values, and the forms in which they may turn up, in all that follows in the log. */
export function mask(values: Iterable<string>): void {
  for (const form of secretForms(values)) if (form.trim() !== '') core.setSecret(form);
}
