import type { ListedFile } from '../../adapters/files/file-list.ts';
import { type LinkTarget, readSource, type SourceFile } from '../../adapters/files/source-file.ts';
import type { Script } from '../../adapters/shellcheck/check.ts';
import { printable } from '../../core/names.ts';
import type { Problem } from '../../core/problem.ts';
import { joinPath, normalizePath } from '../../core/project/view.ts';
import { sopsFileName } from '../../core/secrets/sops-file.ts';
import { findCredentials } from '../../core/validation/credentials.ts';
import { reachOf } from '../../core/validation/reach.ts';
import { scriptProblems } from '../../core/validation/script-rules.ts';
import { secretsFileProblems } from '../../core/validation/secrets-file.ts';
import type { ServiceSources } from '../../core/validation/service-sources.ts';
import { hasShellEnding, isShellScript } from '../../core/validation/shell-script.ts';
import type { RepositoryFiles } from './service-files.ts';

export interface FileFindings {
  readonly problems: readonly Problem[];
  /** What ShellCheck has to look at. */
  readonly scripts: readonly Script[];
  /** Those of the declared secrets that some file mentions. */
  readonly mentionedSecrets: ReadonlySet<string>;
  /** Scripts whose comments switch checks of ShellCheck off. */
  readonly withDirectives: number;
  /** Files that are no scripts and too large to look into. */
  readonly tooLarge: number;
  /** Whether a symlink leads out of the repository. */
  readonly linksOut: boolean;
}

interface Collected {
  readonly problems: Problem[];
  readonly scripts: Script[];
  readonly mentionedSecrets: Set<string>;
  withDirectives: number;
  tooLarge: number;
  linksOut: boolean;
}

/** Reads every file of a service once; of none of them more than a mebibyte is held, and none for longer than needed. */
export function inspectFiles(top: string, service: ServiceSources, files: RepositoryFiles): FileFindings {
  const started = startedFiles(service);
  const found: Collected = {
    problems: [],
    scripts: [],
    mentionedSecrets: new Set(),
    withDirectives: 0,
    tooLarge: 0,
    linksOut: false,
  };
  const inputs = files.inputsOf(service.folder, service.settings?.inputs ?? []);
  for (const file of [...files.of(service.folder), ...inputs]) {
    inspect({ top, service, files, file, startedAs: started.get(file.path), found });
  }
  return found;
}

interface Inspection {
  readonly top: string;
  readonly service: ServiceSources;
  readonly files: RepositoryFiles;
  readonly file: ListedFile;
  readonly startedAs: string | undefined;
  readonly found: Collected;
}

function inspect(inspection: Inspection): void {
  const { top, service, file, startedAs, found } = inspection;
  if (file.kind === 'submodule') return;
  const source = readSource(top, file.path);
  const isScriptByName = startedAs !== undefined || hasShellEnding(file.path);
  const refuse = (rule: string, what: string, remedy: string): void => {
    found.problems.push({
      rule,
      severity: 'error',
      message: `${printable(file.path)} ${what}.`,
      remedy,
      place: { file: file.path, line: 1 },
      service: service.name,
    });
  };
  switch (source.kind) {
    case 'absent':
      // Deleted but not yet committed, or left out of a sparse checkout. A name that was no UTF-8 is never found.
      if (file.path.includes('\u{fffd}'))
        refuse('file-name', 'has a name that is not UTF-8', 'Rename the file.');
      return;
    case 'symlink':
      inspectLink(inspection, source.leads);
      return;
    case 'binary':
      if (isScriptByName) refuse('script-not-text', 'holds binary data', 'Rename it, or mend it.');
      return;
    case 'too-large':
      if (isScriptByName) {
        refuse(
          'file-too-large',
          'is larger than 1 MiB and can not be checked',
          'Move the data out of the script.',
        );
      } else found.tooLarge += 1;
      return;
    case 'text':
      inspectText(inspection, source);
  }
}

function inspectText(
  { service, file, startedAs, found }: Inspection,
  source: SourceFile & { readonly kind: 'text' },
): void {
  const { text, size, executable } = source;
  if (file.path === joinPath(service.folder.contentPath, sopsFileName)) {
    // Encrypted values look like credentials, and it names every secret, used or not.
    found.problems.push(...secretsFileProblems(text, file.path, service.name));
    return;
  }
  found.problems.push(
    ...credentialProblems(text, file.path, service.name),
    ...scriptProblems(
      {
        path: file.path,
        text,
        executableInGit: file.executableInGit,
        executableOnDisk: executable,
        startedAs,
      },
      service.name,
    ),
  );
  if (isShellScript(file.path, text)) {
    found.scripts.push({ path: file.path, size });
    if (/^[ \t]*#[ \t]*shellcheck[ \t]+(?:\S+[ \t]+)*disable=/m.test(text)) found.withDirectives += 1;
  }
  if (file.path === service.manifestPath) return;
  for (const name of service.settings?.secrets ?? []) {
    if (text.includes(name)) found.mentionedSecrets.add(name);
  }
}

function credentialProblems(text: string, path: string, service: string): Problem[] {
  return findCredentials(text, path).map(({ line, column, description, exceptionWithoutReason }) => ({
    rule: 'hard-coded-credential',
    severity: 'error',
    message: `This looks like ${description}.`,
    remedy: exceptionWithoutReason
      ? 'The comment launch:allow-credential needs a reason behind it.'
      : 'Revoke it if it is real, and hand it over as a declared secret; if it is none, add a comment: launch:allow-credential and the reason.',
    place: { file: path, line, column },
    service,
  }));
}

function inspectLink({ top, service, files, file, startedAs, found }: Inspection, leads: LinkTarget): void {
  const problem = (rule: string, severity: Problem['severity'], what: string, remedy: string): Problem => ({
    rule,
    severity,
    message: `The symlink ${printable(file.path)} ${what}.`,
    remedy,
    place: { file: file.path, line: 1 },
    service: service.name,
  });
  if (leads.to === 'outside') {
    found.linksOut = true;
    const remedy = 'Replace it by the file itself, or by a link inside the repository.';
    found.problems.push(
      problem('symlink-outside-repository', 'error', 'leads out of the repository', remedy),
    );
    return;
  }
  if (leads.to === 'nowhere') {
    const severity = startedAs === undefined ? 'warning' : 'error';
    found.problems.push(
      problem('broken-symlink', severity, 'leads nowhere', 'Remove it, or add what it points to.'),
    );
    return;
  }
  const reach = reachOf(service, leads.path, '');
  if (reach.kind === 'undeclared' && service.settings !== undefined) {
    found.problems.push(
      problem(
        'undeclared-input',
        'error',
        `leads to ${printable(leads.path)}, which is not part of the service`,
        'Add that path to `inputs` in service.yml, relative to the service folder.',
      ),
    );
  }
  // What is started by way of a link is a script wherever it lies.
  const target = files.get(leads.path);
  if (startedAs !== undefined && target?.kind === 'file' && target.path !== file.path) {
    inspect({ top, service, files, file: target, startedAs, found });
  }
}

/** The files that Launch starts, and as what. */
function startedFiles({ folder, settings }: ServiceSources): Map<string, string> {
  const started = new Map<string, string>();
  const add = (relative: string, as: string): void => {
    const path = normalizePath(joinPath(folder.contentPath, relative));
    if (path !== undefined) started.set(path, as);
  };
  if (folder.shape.deployScript) add('deploy.sh', 'deploy.sh');
  if (folder.shape.healthScript) add('health-check.sh', 'health-check.sh');
  for (const [hook, path] of Object.entries(settings?.hooks ?? {})) {
    if (typeof path === 'string') add(path, `the hook ${hook}`);
  }
  for (const { command } of settings?.health ?? []) {
    const first = typeof command === 'string' ? command.trim().split(/\s+/)[0] : command?.[0];
    if (first?.startsWith('./') === true || first?.startsWith('../') === true) add(first, 'a health check');
  }
  return started;
}
