import * as z from 'zod/mini';
import { serviceFile } from '../../core/config/service-file.ts';
import { hostPart, portPart } from '../../core/deploy/child-env.ts';
import type { Release } from '../../core/deploy/release.ts';
import { redactor } from '../../core/secrets/redact.ts';
import type { Reporter } from '../reporter.ts';
import { charge, type Deployment, interruption } from './deployment.ts';
import { loginsFor } from './deployment-logins.ts';

/**
 * A deployment as its record tells of it: for bringing it to an end without its repository and without its
 * secrets. The containers come back with the ones they had; scripts would have to do without.
 */
export function recordedDeployment(
  release: Release,
  place: { readonly stateRoot: string; readonly stateFolder: string },
  { hostEnv, reporter }: { readonly hostEnv: NodeJS.ProcessEnv; readonly reporter: Reporter },
): Deployment {
  const { repository, target, service, driver, folder } = release;
  const settings = z.parse(serviceFile, {});
  const placement = {
    target: { name: target, runsOn: 'self-hosted' },
    source: 'input',
    driver,
    url: release.url,
    settings,
  } as const;
  const shape = {
    manifest: undefined,
    compose: undefined,
    wrangler: undefined,
    deployScript: false,
    healthScript: false,
    targetFile: false,
  };
  const recorded = {
    ...place,
    request: {
      cwd: '/',
      service,
      target,
      secrets: new Map<string, string>(),
      env: new Map<string, string>(),
      timeoutMs: 300_000,
      keepReleases: 5,
      rollbackOnFailure: true,
      force: false,
      dryRun: false,
      repository,
      hostEnv,
    },
    owner: { repository, target, service },
    service: {
      name: service,
      folder: { name: service, path: folder, contentPath: folder, kind: 'folder' as const, id: '', shape },
      settings,
      placements: [placement],
    },
    placement,
    top: '/',
    commit: release.commit,
    folder,
    inputs: [],
    fingerprint: release.fingerprint,
    handedOver: new Map<string, string>(),
    secretNames: release.secretNames,
    secretValues: [],
    env: {
      ...hostPart(hostEnv),
      LAUNCH_SERVICE: service,
      LAUNCH_TARGET: target,
      ...portPart(release.port),
    },
    port: release.port,
    redact: redactor([]),
    steadyMs: 10_000,
    interruption: interruption(undefined),
    charge: charge(undefined),
    reporter,
    restores: undefined,
    notices: [],
    registries: [],
  };
  return { ...recorded, logins: loginsFor(recorded) };
}
