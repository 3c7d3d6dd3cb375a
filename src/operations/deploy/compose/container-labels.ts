import type { InspectedContainer } from '../../../adapters/engine/containers.ts';

export const serviceLabel = 'com.docker.compose.service';
export const dependsOnLabel = 'com.docker.compose.depends_on';

export function labelOf(container: InspectedContainer, label: string): string {
  const labels = container.Config['Labels'];
  const value: unknown =
    typeof labels === 'object' && labels !== null
      ? Object.entries(labels).find(([name]) => name === label)?.[1]
      : '';
  return typeof value === 'string' ? value : '';
}
