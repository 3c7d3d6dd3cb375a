import type { Reporter } from '../reporter.ts';

/** The same reporter, which no secret passes. The runner masks what it was told of; a terminal does not. */
export function redactingReporter(reporter: Reporter, redact: (text: string) => string): Reporter {
  return {
    group: async (title, body) => await reporter.group(redact(title), body),
    info: (line) => reporter.info(redact(line)),
    warning: (message, place) => reporter.warning(redact(message), place),
    debug: (line) => reporter.debug(redact(line)),
    output: (line) => reporter.output(redact(line)),
  };
}
