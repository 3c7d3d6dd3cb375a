/**
 * A model that the AI sandbox offers by name. Sizes are those of the weights as published, in 16-bit floats; the cache
 * is layers × key and value heads × width of a head × 2 (key and value) × 2 bytes, from the model's own config.json.
 */
export interface SandboxModel {
  /** Its name at the Hugging Face Hub. */
  readonly id: string;
  readonly parameters: string;
  /** Of the safetensors files, in GiB. */
  readonly weightsGib: number;
  /** What each token of the context takes in the key-value cache, in KiB. */
  readonly cacheKib: number;
  readonly license: string;
}

/** Smallest first. The one place that names them: the UDF, the check on the host and the documentation follow it. */
export const sandboxModels: readonly SandboxModel[] = [
  {
    id: 'Qwen/Qwen2.5-1.5B-Instruct',
    parameters: '1.5 billion',
    weightsGib: 2.9,
    cacheKib: 28,
    license: 'Apache 2.0',
  },
  {
    id: 'Qwen/Qwen2.5-7B-Instruct',
    parameters: '7.6 billion',
    weightsGib: 14.2,
    cacheKib: 56,
    license: 'Apache 2.0',
  },
  {
    id: 'mistralai/Mistral-7B-Instruct-v0.3',
    parameters: '7.2 billion',
    weightsGib: 13.5,
    cacheKib: 128,
    license: 'Apache 2.0',
  },
  {
    id: 'mistralai/Mistral-Nemo-Instruct-2407',
    parameters: '12.2 billion',
    weightsGib: 22.8,
    cacheKib: 160,
    license: 'Apache 2.0',
  },
  {
    id: 'Qwen/Qwen2.5-14B-Instruct',
    parameters: '14.8 billion',
    weightsGib: 27.5,
    cacheKib: 192,
    license: 'Apache 2.0',
  },
  {
    id: 'Qwen/Qwen2.5-32B-Instruct',
    parameters: '32.8 billion',
    weightsGib: 61.0,
    cacheKib: 256,
    license: 'Apache 2.0',
  },
];

export const defaultModel = 'mistralai/Mistral-7B-Instruct-v0.3';

/** Tokens of context that the sandbox serves unless it is told otherwise. */
export const defaultContext = 16_384;

/** The share of a GPU's memory that vLLM takes, and what it needs on each GPU besides weights and cache, in GiB. */
export const gpuUtilization = 0.9;
export const gpuWorkspaceGib = 1.5;

/** GPU memory, over all GPUs of the instance, that a model needs to answer one request at a time; whole GiB. */
export function gpuMemoryNeeded(model: SandboxModel, context: number = defaultContext, gpus = 1): number {
  const cacheGib = (context * model.cacheKib) / 1024 ** 2;
  return Math.ceil((model.weightsGib + cacheGib + gpuWorkspaceGib * gpus) / gpuUtilization);
}

/** The models that fit in so much GPU memory, in GiB, over all GPUs. */
export function modelsThatFit(gpuMemoryGib: number): readonly SandboxModel[] {
  return sandboxModels.filter((model) => gpuMemoryNeeded(model) <= gpuMemoryGib);
}
