import type { OuterFiles } from '../../adapters/snapshot/take-snapshot.ts';
import { findStateRoot } from '../../adapters/state/find-state-root.ts';
import { inputPatterns, sharedPatterns } from '../../core/changes/service-patterns.ts';
import { assertNotReserved, portPart } from '../../core/deploy/child-env.ts';
import { registriesOf } from '../../core/deploy/registry.ts';
import { splitRepository } from '../../core/deploy/state-layout.ts';
import { LaunchError } from '../../core/errors.ts';
import { serviceChecks } from '../../core/health/service-checks.ts';
import type { Project } from '../../core/project/project.ts';
import { manifestPath, type Placement, type Service } from '../../core/project/service.ts';
import { joinPath } from '../../core/project/view.ts';
import { sopsFileName } from '../../core/secrets/sops-file.ts';
import { findPlacement, withCommittedProject } from '../find-placement.ts';
import { fingerprintService } from '../fingerprint-service.ts';
import { nameRepository } from '../name-repository.ts';
import type { Reporter } from '../reporter.ts';
import { assembleDeployment } from './assemble-deployment.ts';
import { choosePort } from './choose-port.ts';
import type { Deployment } from './deployment.ts';
import { gatherSecrets } from './gather-secrets.ts';
import { placedOnHost } from './placed-on-host.ts';
import type { DeployRequest } from './request.ts';

/**
 * Reads what the checkout's commit says of the service, and settles everything that can be settled without
 * touching the host.
 *
 * @throws LaunchError SERVICE_NOT_FOUND, TARGET_UNKNOWN, CONFIG_INVALID, SECRET_MISSING, and what `gatherSecrets`
 *   throws
 */
export async function planDeployment(request: DeployRequest, reporter: Reporter): Promise<Deployment> {
  return await withCommittedProject(request, async (committed) => {
    const { commit, project } = committed;
    const { top } = committed.located;
    const { service, placement } = await findPlacement(committed, request);
    const { settings, folder } = service;
    const manifest = { file: manifestPath(folder) };
    assertDeployable(service, placement, request);
    assertNotReserved([...Object.keys(settings.env), ...settings.secrets], manifest);
    assertNotReserved(request.env.keys(), undefined);
    const registries = registriesOf(project.config);
    const encrypted = joinPath(folder.contentPath, sopsFileName);
    const { chosen, given, hidden } = await gatherSecrets({
      request,
      declared: settings.secrets,
      registries,
      prefix: placement.target.secretPrefix,
      place: manifest,
      files: [{ path: encrypted, read: async () => await project.view.read(encrypted) }],
    });
    const [fingerprint, repository, stateRoot] = await Promise.all([
      fingerprintService(project, service, placement),
      request.repository ?? nameRepository(top),
      findStateRoot(request.stateDir, request.hostEnv),
    ]);
    splitRepository(repository);
    const owner = { repository, target: placement.target.name, service: service.name };
    const port = await choosePort(stateRoot, owner, placement.target, manifest);
    // A check that can't be made is told now, and not when the containers have been replaced.
    serviceChecks(service, { cwd: '', env: portPart(port) });
    return assembleDeployment(
      {
        request: { ...request, secrets: given },
        owner,
        service,
        placement: await placedOnHost(service, placement, stateRoot),
        top,
        commit,
        folder: folder.contentPath,
        inputs: [...inputPatterns(folder, settings), ...sharedWith(project, folder.name)],
        fingerprint,
        secrets: chosen,
        hidden,
        registries,
        stateRoot,
        port,
      },
      reporter,
    );
  });
}

/** What launch.yml shares with a service is as much a part of it as what it declares itself. */
function sharedWith({ config, root, configPath }: Project, service: string): OuterFiles[] {
  return sharedPatterns(config, root, configPath)
    .filter((entry) => entry.concerns(service))
    .flatMap((entry) => entry.patterns);
}

function assertDeployable(service: Service, placement: Placement, request: DeployRequest): void {
  const place = { file: manifestPath(service.folder) };
  if (!service.settings.enabled) {
    throw new LaunchError('CONFIG_INVALID', `"${service.name}" is switched off.`, {
      place,
      remedy: 'Remove `enabled: false` to deploy it.',
    });
  }
  if (placement.driver === 'worker') {
    throw new LaunchError('CONFIG_INVALID', `"${service.name}" is a Cloudflare Worker, and not for a host.`, {
      place,
      remedy:
        'Deploy it by the action wrangler-deploy, by the action deploy, or at a terminal by `launch deploy`.',
    });
  }
  const strategy = request.strategy ?? service.settings.strategy;
  if (strategy === 'recreate') return;
  if (placement.driver === 'script' || service.folder.shape.deployScript) {
    throw new LaunchError(
      'CONFIG_INVALID',
      `"${service.name}" has a deploy.sh, with which only the strategy recreate is possible, not ${strategy}.`,
      { place, remedy: 'Remove deploy.sh, so that Launch starts the containers itself, or use recreate.' },
    );
  }
}
