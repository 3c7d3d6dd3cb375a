import { printable } from '../../core/names.ts';

/** Undefined: nobody wants to know. */
let listener: ((line: string) => void) | undefined;
let redact: (text: string) => string = (text) => text;

/** Tells of each command from now on, and of each call that changes something at the Docker Engine, as it starts. */
export function traceCommands(tell: (line: string) => void): void {
  listener = tell;
}

/** No argument of Launch's own holds a secret; a service's commands are its own, so what is known is hidden. */
export function hideInTraces(hide: (text: string) => string): void {
  const before = redact;
  if (listener !== undefined) redact = (text) => hide(before(text));
}

export function traceCommand(argv: readonly string[]): void {
  listener?.(`$ ${printable(redact(argv.map(quoted).join(' ')), 2000)}`);
}

export function traceCall(method: string, path: string): void {
  if (method !== 'GET') listener?.(`docker engine: ${method} ${printable(redact(path), 500)}`);
}

/** As a shell would take it; credentials in an address are left out. */
function quoted(argument: string): string {
  const clean = argument.replace(/(:\/\/)[^/@\s]+@/g, '$1***@');
  return /^[\w@%+=:,./*-]+$/.test(clean) ? clean : `'${clean.replaceAll("'", `'\\''`)}'`;
}
