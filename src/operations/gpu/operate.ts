import { LaunchError } from '../../core/errors.ts';
import type { GpuResult } from '../../core/gpu/result.ts';
import type { GpuOperation, GpuSettings } from '../../core/gpu/settings.ts';
import type { Reporter } from '../reporter.ts';
import type { GpuAccess } from './access.ts';
import { deleteGpu } from './delete-instance.ts';
import { ensureInstance } from './ensure-instance.ts';
import { gpuStatus } from './gpu-status.ts';
import { reap } from './reap.ts';
import type { EnsureRequest } from './request.ts';

export interface GpuRequest
  extends GpuAccess,
    Pick<
      EnsureRequest,
      'cwd' | 'revision' | 'dryRun' | 'cancelledMs' | 'onSecrets' | 'onBegun' | 'onInstance' | 'onSettled'
    > {
  readonly label: string | undefined;
  readonly id: number | undefined;
  /** For `ensure`. */
  readonly settings: GpuSettings | undefined;
}

/** Throws what the operation throws. */
export async function operateGpu(
  operation: GpuOperation,
  request: GpuRequest,
  reporter: Reporter,
): Promise<GpuResult> {
  switch (operation) {
    case 'ensure': {
      const { settings, ...rest } = request;
      if (settings === undefined) {
        throw new LaunchError('CONFIG_INVALID', 'It is not said what the instance is to be.', {
          remedy: 'Give at least its label.',
        });
      }
      return await ensureInstance({ ...rest, ...settings }, reporter);
    }
    case 'status':
      return await gpuStatus(request);
    case 'delete':
      return await deleteGpu(request, reporter);
    case 'reap':
      return await reap(request, reporter);
  }
}
