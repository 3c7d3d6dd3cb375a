import type { Containers } from '../../../adapters/engine/containers.ts';
import type { Deployment } from '../deployment.ts';
import { environmentValues, inspectProject } from './project-containers.ts';

/**
 * The values that nothing which is shown may hold. Who only brings a release to an end was not told its secrets:
 * they are in its containers.
 */
export async function knownSecrets(
  { secretValues, secretNames }: Deployment,
  containers: Containers,
  project: string,
): Promise<readonly string[]> {
  if (secretValues.length > 0 || secretNames.length === 0) return secretValues;
  return environmentValues(await inspectProject(containers, project));
}
