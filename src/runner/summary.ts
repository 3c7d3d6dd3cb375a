import * as core from '@actions/core';
import { printable } from '../core/names.ts';

/** GitHub refuses a step's summary over 1 MiB as a whole; a bit is left for the note that says so. */
const limit = 1024 * 1024 - 1024;

/**
 * Adds Markdown to the job summary; too much of it is cut at a line's end, and says so. Nothing outside of a runner. One that
 * can't be written, such as to a full disk, is a warning: what it tells of has happened, and does not fail with it.
 */
export async function writeSummary(markdown: string): Promise<void> {
  if (process.env['GITHUB_STEP_SUMMARY'] === undefined) return;
  try {
    await core.summary.addRaw(cutToLimit(markdown), true).write();
  } catch (error) {
    core.warning(`The job summary could not be written: ${printable(String(error))}`);
  }
}

function cutToLimit(markdown: string): string {
  const bytes = Buffer.from(markdown);
  if (bytes.length <= limit) return markdown;
  const cut = bytes.subarray(0, limit).lastIndexOf(0x0a);
  return `${bytes.subarray(0, Math.max(cut, 0)).toString()}\n\n_The rest does not fit into a job summary; see the step's outputs and log._`;
}
