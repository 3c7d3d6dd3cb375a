/** What npm failed with, out of its standard error: neither the codes before it nor where its log is. */
export function npmFailure(stderr: string): string {
  const told = stderr.split('\n').flatMap((line) => /^npm (?:error|ERR!) (\S.*)$/.exec(line)?.[1] ?? []);
  const telling = told.find((line) => !/^(code|errno|syscall|path|dest|A complete log) /.test(line));
  return telling ?? stderr.trim().split('\n').at(-1) ?? '';
}
