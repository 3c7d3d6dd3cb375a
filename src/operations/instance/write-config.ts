import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LaunchError } from '../../core/errors.ts';
import { type Instance, parseInstance } from '../../core/instances/instance.ts';
import { assertAgrees, type NewInstance, newInstanceText } from '../../core/instances/new-instance.ts';
import { didYouMean } from '../../core/nearest.ts';
import { placeOfInstance } from './find-instance.ts';

export interface WrittenConfig {
  readonly instance: Instance;
  readonly text: string;
  /** Whether there was none before. */
  readonly created: boolean;
}

/**
 * The file of an instance, written where there is none; one that is there is never changed.
 *
 * @throws LaunchError CONFIG_INVALID for what can't be an instance, and for a file that says otherwise
 */
export async function writeInstanceConfig(
  wanted: NewInstance & { readonly cwd: string },
): Promise<WrittenConfig> {
  const { path, file, text: found, known } = placeOfInstance(wanted.cwd, wanted.id);
  if (found !== undefined) {
    const instance = parseInstance(found, file);
    assertAgrees(instance, wanted);
    return { instance, text: found, created: false };
  }
  const { organisation } = wanted;
  if (organisation === undefined) {
    throw new LaunchError('CONFIG_INVALID', `There is no ${file}.`, {
      remedy:
        `To have it written, say whose instance it is (\`organisation\`). ${known.length === 0 ? '' : didYouMean(wanted.id, known)}`.trim(),
    });
  }
  const text = newInstanceText({ ...wanted, organisation }, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text, { flag: 'wx' });
  return { instance: parseInstance(text, file), text, created: true };
}
