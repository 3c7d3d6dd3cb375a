import picomatch from 'picomatch';
import type { Place } from '../errors.ts';
import { printable } from '../names.ts';
import type { Problem } from '../problem.ts';
import { joinPath, normalizePath } from '../project/view.ts';
import type { FileList, ServiceSources } from './service-sources.ts';

/** Where a path that a service names leads. */
export type Reach =
  | { readonly kind: 'outside' }
  | { readonly kind: 'own'; readonly path: string }
  | { readonly kind: 'input'; readonly path: string }
  | { readonly kind: 'undeclared'; readonly path: string };

/** Works out a path relative to the service's folder against the repository, the declared inputs and what is shared. */
export function reachOf(service: ServiceSources, relative: string, from = service.folder.contentPath): Reach {
  const path = relative.startsWith('/') ? undefined : normalizePath(joinPath(from, relative));
  if (path === undefined) return { kind: 'outside' };
  const own = service.folder.contentPath;
  if (own === '' || path === own || path.startsWith(`${own}/`)) return { kind: 'own', path };
  return { kind: isInput(service, path) ? 'input' : 'undeclared', path };
}

function isInput(service: ServiceSources, path: string): boolean {
  if (service.shared.some((pattern) => pattern.matches(path))) return true;
  return (service.settings?.inputs ?? []).some((input) => {
    const glob = normalizePath(joinPath(service.folder.contentPath, input));
    if (glob === undefined) return false;
    return glob === path || path.startsWith(`${glob}/`) || picomatch.isMatch(path, glob, { dot: true });
  });
}

export interface PathCheck {
  readonly relative: string;
  /** What the path is, as a sentence's subject: `The env_file of "web"`. */
  readonly subject: string;
  readonly place: Place;
  /** Whether it has to exist in the repository. */
  readonly mustExist: boolean;
}

/** What is wrong with a path that a service names. */
export function pathProblems(service: ServiceSources, files: FileList, check: PathCheck): Problem[] {
  const shown = printable(check.relative, 80);
  const problem = (rule: string, message: string, remedy: string): Problem => ({
    rule,
    severity: 'error',
    message,
    remedy,
    place: check.place,
    service: service.name,
  });
  const reach = reachOf(service, check.relative);
  if (reach.kind === 'outside') {
    return [
      problem(
        'path-outside-repository',
        `${check.subject} leads out of the repository: "${shown}".`,
        'Only what is in the repository is part of a release. Move the file into it.',
      ),
    ];
  }
  const exists = files.has(reach.path) || files.hasFolder(reach.path);
  if (check.mustExist && !exists) {
    return [
      problem(
        'path-missing',
        `${check.subject} does not exist: "${shown}".`,
        'Add and commit it, or correct the path; it is relative to the service folder.',
      ),
    ];
  }
  // When service.yml is broken, its inputs are not known.
  if (reach.kind === 'undeclared' && exists && service.settings !== undefined) {
    return [
      problem(
        'undeclared-input',
        `${check.subject} is outside the service folder and not declared: "${shown}".`,
        `Add "${shown}" to \`inputs\` in service.yml; without that it is in no release.`,
      ),
    ];
  }
  return [];
}
