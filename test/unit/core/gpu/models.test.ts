import { describe, expect, it } from '@jest/globals';
import {
  defaultModel,
  gpuMemoryNeeded,
  modelsThatFit,
  sandboxModels,
} from '../../../../src/core/gpu/models.ts';

const needed = (id: string, context?: number) => {
  const model = sandboxModels.find((it) => it.id === id);
  if (model === undefined) throw new Error(`no model ${id}`);
  return gpuMemoryNeeded(model, context);
};

describe('the models of the sandbox', () => {
  it('are in the order of what they need, and each is there once', () => {
    const memory = sandboxModels.map((model) => gpuMemoryNeeded(model));
    expect(memory).toEqual([...memory].sort((a, b) => a - b));
    expect(new Set(sandboxModels.map(({ id }) => id)).size).toBe(sandboxModels.length);
  });

  it('have names that a list with commas, a shell and an attribute of a UDF can hold', () => {
    for (const { id } of sandboxModels) expect(id).toMatch(/^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/);
  });

  it('include the default, which fits the smallest GPU that is offered', () => {
    expect(modelsThatFit(20).map(({ id }) => id)).toContain(defaultModel);
  });

  it('fit what their weights and cache take', () => {
    // 14.2 GiB of weights, 0.9 of cache, 1.5 besides, of which vLLM may take nine tenths.
    expect(needed('Qwen/Qwen2.5-7B-Instruct')).toBe(19);
    expect(needed('mistralai/Mistral-7B-Instruct-v0.3')).toBe(19);
    expect(needed('mistralai/Mistral-7B-Instruct-v0.3', 32_768)).toBe(22);
    expect(modelsThatFit(20).map(({ id }) => id)).not.toContain('mistralai/Mistral-Nemo-Instruct-2407');
    expect(modelsThatFit(5)).toEqual([]);
    expect(modelsThatFit(96)).toHaveLength(sandboxModels.length);
  });
});
