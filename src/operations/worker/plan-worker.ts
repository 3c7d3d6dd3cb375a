import { git } from '../../adapters/git/command.ts';
import { quietGit } from '../../adapters/snapshot/git.ts';
import { hostPart } from '../../core/deploy/child-env.ts';
import { LaunchError } from '../../core/errors.ts';
import type { HealthCheck } from '../../core/health/check.ts';
import { checkFromSetting } from '../../core/health/from-settings.ts';
import { printable } from '../../core/names.ts';
import { manifestPath, type Service } from '../../core/project/service.ts';
import { joinPath } from '../../core/project/view.ts';
import { findSecret } from '../../core/secrets/choose-secrets.ts';
import { sopsFileName } from '../../core/secrets/sops-file.ts';
import { gatherSecrets } from '../deploy/gather-secrets.ts';
import { findPlacement, withCommittedProject } from '../find-placement.ts';
import { fingerprintService } from '../fingerprint-service.ts';
import { listUncommitted } from '../list-uncommitted.ts';
import type { Reporter } from '../reporter.ts';
import type { WorkerAsked } from './asked.ts';
import { commitOf, type LocatedWorker, locateFolderWorker, locateServiceWorker } from './locate-worker.ts';
import type { WorkerContext, WorkerDeployRequest } from './request.ts';
import type { WorkerRollbackRequest } from './rollback-worker.ts';
import { workerChecks } from './worker-checks.ts';
import { workerHooks } from './worker-hooks.ts';

/** A worker of a checkout with what is checked of it, for everything but a deployment. */
export interface PlannedWorker extends WorkerContext {
  readonly located: LocatedWorker;
  /** The target's name; undefined for what is no service. */
  readonly target?: string;
  readonly checks: readonly HealthCheck[];
  readonly onStart?: WorkerRollbackRequest['onStart'];
}

/** @throws LaunchError CONFIG_INVALID, SERVICE_NOT_FOUND, TARGET_UNKNOWN, SECRET_MISSING */
export async function planWorker(asked: WorkerAsked): Promise<PlannedWorker> {
  const { service: name } = asked;
  if (name === undefined) {
    const located = locateFolderWorker(asked);
    return {
      ...contextOf(asked, located),
      located,
      checks: smokeChecks(asked, located) ?? [],
    };
  }
  return await withCommittedProject(asked, async (committed) => {
    const found = await findPlacement(committed, { service: name, target: asked.target });
    const located = locateServiceWorker(asked, { ...found, top: committed.located.top });
    const { settings } = found.service;
    const { target } = found.placement;
    // What is not there is not asked for: to go back nobody has to have all secrets at hand.
    const known = settings.secrets.flatMap((secret) => {
      const value = findSecret(secret, target.secretPrefix, [asked.secrets]);
      return value === undefined ? [] : [[secret, value] as const];
    });
    const checks = checksOf(asked, located, found.service, target.name, new Map(known));
    const { top } = committed.located;
    const onStart: WorkerRollbackRequest['onStart'] = async (short, start) => {
      const commit = short === undefined ? undefined : await fullId(top, short);
      if (commit !== undefined) asked.onStart?.({ ...start, service: name, target: target.name, commit });
    };
    return { ...contextOf(asked, located), located, target: target.name, checks, onStart };
  });
}

/**
 * A worker of a checkout with all that its deployment takes. What is deployed is what lies in the checkout, because a
 * worker is bundled together with packages that no commit holds; it is taken for the commit's where it does not differ.
 *
 * @throws LaunchError CONFIG_INVALID, SERVICE_NOT_FOUND, TARGET_UNKNOWN, SECRET_MISSING, and what `gatherSecrets` throws
 */
export async function planWorkerDeployment(
  asked: WorkerAsked,
  reporter: Reporter,
): Promise<WorkerDeployRequest> {
  const { service: name } = asked;
  if (name === undefined) {
    const located = locateFolderWorker(asked);
    return {
      ...requestOf(asked, located),
      vars: asked.vars,
      secrets: asked.secrets,
      commit: await commitOf(located.folder),
      checks: smokeChecks(asked, located) ?? [],
    };
  }
  return await withCommittedProject(asked, async (committed) => {
    const { commit, project } = committed;
    const { top } = committed.located;
    const found = await findPlacement(committed, { service: name, target: asked.target });
    const { service, placement } = found;
    assertEnabled(service);
    const located = locateServiceWorker(asked, { ...found, top });
    const { settings, folder } = service;
    const encrypted = joinPath(folder.contentPath, sopsFileName);
    const { chosen } = await gatherSecrets({
      request: asked,
      declared: settings.secrets,
      registries: [],
      prefix: placement.target.secretPrefix,
      place: { file: manifestPath(folder) },
      files: [{ path: encrypted, read: async () => await project.view.read(encrypted) }],
    });
    const differing = (await listUncommitted({ top, folder: folder.contentPath })).filter(
      // Wrangler leaves it in every folder that it has worked in.
      (path) => !/(^|\/)\.wrangler\//.test(path),
    );
    if (differing.length > 0) {
      reporter.warning(
        `${folder.contentPath} differs from the commit ${commit.slice(0, 12)} (${printable(differing.slice(0, 3).join(', '))}${differing.length > 3 ? ', …' : ''}): what is deployed is what lies there.`,
      );
    }
    const isCommitted = differing.length === 0;
    return {
      ...requestOf(asked, located),
      vars: new Map([...Object.entries(settings.env), ...asked.vars]),
      secrets: chosen,
      commit,
      fingerprint: isCommitted ? await fingerprintService(project, service, placement) : undefined,
      comesAfter: async (live) => await isAncestor(top, commit, live),
      checks: checksOf(asked, located, service, placement.target.name, chosen),
      hooks: workerHooks(service, top),
      onStart: (start) => asked.onStart?.({ ...start, service: name, target: placement.target.name, commit }),
    };
  });
}

function contextOf(asked: WorkerAsked, { credentials }: LocatedWorker): WorkerContext {
  const { timeoutMs, hostEnv, signal } = asked;
  return { account: credentials, timeoutMs, hostEnv, signal };
}

function requestOf(asked: WorkerAsked, located: LocatedWorker) {
  const { folder, configPath, configLabel, environment } = located;
  const { name, by, gradual, force, dryRun } = asked;
  const own = { folder, configPath, configLabel, environment, name };
  return { ...contextOf(asked, located), ...own, by, gradual, force, dryRun };
}

/** The checks of `smoke-url`; undefined where none is given. */
function smokeChecks(asked: WorkerAsked, { folder }: LocatedWorker): readonly HealthCheck[] | undefined {
  const { smokeUrl, hostEnv } = asked;
  if (smokeUrl === undefined) return undefined;
  if (
    !/^(https?:\/\/[^\s/]|\/)\S*$/.test(smokeUrl) ||
    (!smokeUrl.startsWith('/') && !URL.canParse(smokeUrl))
  ) {
    throw new LaunchError('CONFIG_INVALID', `The input \`smoke-url\` is "${printable(smokeUrl, 80)}".`, {
      remedy: 'It takes an http:// or https:// URL, or a path such as /health at the worker’s own address.',
    });
  }
  const timing = { timeoutMs: 30_000 };
  const context = { cwd: folder, env: hostPart(hostEnv), hasOwnAddress: true, timing };
  return [checkFromSetting({ http: smokeUrl }, context)];
}

function checksOf(
  asked: WorkerAsked,
  located: LocatedWorker,
  service: Service,
  target: string,
  secrets: ReadonlyMap<string, string>,
): readonly HealthCheck[] {
  const given = smokeChecks(asked, located);
  if (given !== undefined) return given;
  const { hostEnv } = asked;
  return workerChecks(service, {
    folder: located.folder,
    hostEnv,
    vars: new Map([...Object.entries(service.settings.env), ...asked.vars]),
    secrets,
    target,
  });
}

function assertEnabled({ name, settings, folder }: Service): void {
  if (settings.enabled) return;
  throw new LaunchError('CONFIG_INVALID', `"${name}" is switched off.`, {
    place: { file: manifestPath(folder) },
    remedy: 'Remove `enabled: false` to deploy it.',
  });
}

/** Undefined where the checkout does not know the commit. */
async function fullId(top: string, short: string): Promise<string | undefined> {
  const answer = await git(quietGit(top), ['rev-parse', '--verify', '--quiet', `${short}^{commit}`]);
  return answer.exitCode === 0 ? answer.stdout.trim() : undefined;
}

/** False also where the checkout does not know the other commit. */
async function isAncestor(top: string, commit: string, descendant: string): Promise<boolean> {
  const answer = await git(quietGit(top), ['merge-base', '--is-ancestor', commit, descendant]);
  return answer.exitCode === 0 && !commit.startsWith(descendant);
}
