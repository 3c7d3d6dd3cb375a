import { printable } from '../names.ts';
import type { Problem } from '../problem.ts';
import { isSopsFile, plainLines } from '../secrets/sops-file.ts';

/** What is wrong with a service's encrypted secrets, as far as that can be told without their key. */
export function secretsFileProblems(text: string, path: string, service: string): Problem[] {
  const problem = (message: string, remedy: string, line: number): Problem => ({
    rule: 'unencrypted-secrets',
    severity: 'error',
    message,
    remedy,
    place: { file: path, line },
    service,
  });
  const replace = 'Replace the values where they are used: they stay in the history.';
  if (!isSopsFile(text)) {
    return [
      problem(
        `${printable(path)} is not encrypted by SOPS.`,
        `${replace} Then encrypt the file: sops encrypt --in-place ${printable(path)}.`,
        1,
      ),
    ];
  }
  return plainLines(text).map((line) =>
    problem(
      'A value stands here that SOPS has not encrypted.',
      `${replace} Then take the line out, and add it by sops edit ${printable(path)}.`,
      line,
    ),
  );
}
