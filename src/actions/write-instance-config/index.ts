import { code, codeBlock } from '../../core/markdown.ts';
import { writeInstanceConfig } from '../../operations/instance/write-config.ts';
import { writeOutputs } from '../../runner/outputs.ts';
import { jobLog } from '../../runner/reporter.ts';
import { writeSummary } from '../../runner/summary.ts';
import { readInputs } from './inputs.ts';

export const outputNames = ['config', 'created', 'instance-id', 'environment'] as const;

/** Makes sure that an instance has a file, and that it is the instance that is meant. */
export async function main(): Promise<void> {
  const { instance, text, created } = await writeInstanceConfig({ cwd: process.cwd(), ...readInputs() });
  jobLog.info(`${instance.file} ${created ? 'is written; commit it' : 'is there'}.`);
  const title = created ? `New: ${code(instance.file)}, to be committed` : code(instance.file);
  await writeSummary(`### ${title}\n\n${codeBlock(text.trimEnd().split('\n'), 'json')}\n\n`);
  writeOutputs(outputNames, {
    config: instance.file,
    created,
    'instance-id': instance.id,
    environment: instance.environment,
  });
}
