import * as core from '@actions/core';
import { printable } from '../core/names.ts';
import type { Reporter } from '../operations/reporter.ts';
import { annotationPlace } from './annotation-place.ts';

/** The job log of GitHub Actions: groups, annotations, debug lines. */
export const jobLog: Reporter = {
  group: (title, body) => core.group(printable(title), body),
  info: (line) => core.info(withoutCommand(line)),
  warning: (message, place) => core.warning(message, annotationPlace(place)),
  debug: (line) => core.debug(line),
  output: (line) => core.info(withoutCommand(line)),
};

/**
 * A line of somebody else's that the runner will not take for a workflow command: `::name::` at the start of
 * what the runner sees as a line, and the old `##[name]` anywhere, are broken up by an invisible word joiner.
 * The runner ends lines at a lone carriage return, too, and skips more kinds of white space than JavaScript.
 */
export function withoutCommand(line: string): string {
  return line
    .split(/\r\n|\r|\n/)
    .map((part) => part.replace(/^([\s\u0085\u180e\u200b]*):(?=:)/, '$1:\u2060'))
    .join('\n')
    .replaceAll('##[', '#\u2060#[');
}
