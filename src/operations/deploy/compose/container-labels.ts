import type { InspectedContainer } from '../../../adapters/engine/containers.ts';

export const serviceLabel = 'com.docker.compose.service';
export const dependsOnLabel = 'com.docker.compose.depends_on';

export function labelsOf({ Config }: Pick<InspectedContainer, 'Config'>): Readonly<Record<string, unknown>> {
  const labels = Config['Labels'];
  return typeof labels === 'object' && labels !== null ? { ...labels } : {};
}

export function labelOf(container: InspectedContainer, label: string): string {
  const value = labelsOf(container)[label];
  return typeof value === 'string' ? value : '';
}
