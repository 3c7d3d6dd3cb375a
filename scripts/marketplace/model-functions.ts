import { gpuUtilization, gpuWorkspaceGib, sandboxModels } from '../../src/core/gpu/models.ts';

/** `stackscripts/ai-sandbox/models.sh`: the rules of src/core/gpu/models.ts in bash, as far as the host has to know them. */
export function modelFunctions(): string {
  const mib = (gib: number) => Math.round(gib * 1024);
  return `# shellcheck shell=bash disable=SC2034,SC2154

# Made from src/core/gpu/models.ts by \`npm run generate\`.

# Smallest first.
readonly MODELS=(
${sandboxModels.map(({ id }) => `  ${id}`).join('\n')}
)

# MiB of its weights, and KiB of cache that a token takes. Fails for one that is not in the list.
model_sizes() {
  case $1 in
${sandboxModels.map(({ id, weightsGib, cacheKib }) => `    ${id}) echo "${mib(weightsGib)} ${cacheKib}" ;;`).join('\n')}
    *) return 1 ;;
  esac
}

# MiB over all GPUs for the model $1. Of one that is not in the list: of the smallest GPU that is offered.
gpu_mib_needed() {
  local sizes weights cache
  sizes=$(model_sizes "$1") || {
    echo 18000
    return
  }
  read -r weights cache <<<"$sizes"
  echo $(((weights + MAX_MODEL_LEN * cache / 1024 + GPU_COUNT * ${mib(gpuWorkspaceGib)}) * 100 / ${Math.round(gpuUtilization * 100)}))
}

# GiB for the weights, and a few besides.
disk_gib_needed() {
  local sizes weights
  sizes=$(model_sizes "$MODEL_ID") || sizes='15360 0'
  read -r weights _ <<<"$sizes"
  echo $(((weights + 1023) / 1024 + 5))
}

remedy_for_gpu() {
  local model fitting=''
  for model in "\${MODELS[@]}"; do
    (($(gpu_mib_needed "$model") > GPU_TOTAL_MIB)) || fitting+="\${fitting:+, }$model"
  done
  printf 'Delete the machine and create one of a type with a larger GPU, such as g2-gpu-rtx4000a1-s (20 GB)'
  if [[ -n $fitting ]]; then
    printf '; or run the script again with a smaller max_model_len, or with a model_id that fits: %s' "$fitting"
  fi
  printf '.'
}
`;
}
