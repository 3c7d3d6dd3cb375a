import { createHash } from 'node:crypto';
import { defaultModel, gpuMemoryNeeded, sandboxModels } from '../../src/core/gpu/models.ts';
import {
  fieldDeclaration,
  type UserDefinedField,
  userDefinedFields,
} from '../../src/core/gpu/user-defined-fields.ts';
import { replaceScriptSection } from './script-section.ts';

/** The fields of the Marketplace's form: those of the script, with the model chosen from a list. */
export function marketplaceFields(sandbox: string): readonly UserDefinedField[] {
  const fields = userDefinedFields(sandbox);
  const model = fields.find(({ name }) => name === 'model_id');
  if (model?.fallback !== defaultModel) {
    throw new Error(`stackscripts/ai-sandbox.sh has no model_id whose default is ${defaultModel}`);
  }
  const required = fields.filter((field) => field.fallback === undefined).map(({ name }) => name);
  if (required.length > 0)
    throw new Error(`a Marketplace app asks for nothing: ${required.join(', ')} has no default`);
  return fields.map((field) => (field.name === 'model_id' ? modelField() : field));
}

/** The loader for exactly this script: its fields, its version and its SHA-256. */
export function loaderFor(loader: string, sandbox: string, version: string): string {
  const sha256 = createHash('sha256').update(sandbox).digest('hex');
  return replaceScriptSection(
    replaceScriptSection(loader, 'fields', marketplaceFields(sandbox).map(fieldDeclaration).join('\n')),
    'release',
    `readonly VERSION=${version}\nreadonly SHA256=${sha256}`,
  );
}

function modelField(): UserDefinedField {
  const needs = sandboxModels.map((model) => `${model.id.split('/')[1]} ${gpuMemoryNeeded(model)} GB`);
  return {
    name: 'model_id',
    // Nothing but the label stands beside the list in the form.
    label: `The model. GPU memory that each needs: ${needs.join(', ')}`,
    oneOf: sandboxModels.map(({ id }) => id),
    fallback: defaultModel,
    example: undefined,
  };
}
