# shellcheck shell=bash disable=SC2034,SC2154

# Made from src/core/gpu/models.ts by `npm run generate`.

# Smallest first.
readonly MODELS=(
  Qwen/Qwen2.5-1.5B-Instruct
  Qwen/Qwen2.5-7B-Instruct
  mistralai/Mistral-7B-Instruct-v0.3
  mistralai/Mistral-Nemo-Instruct-2407
  Qwen/Qwen2.5-14B-Instruct
  Qwen/Qwen2.5-32B-Instruct
)

# MiB of its weights, and KiB of cache that a token takes. Fails for one that is not in the list.
model_sizes() {
  case $1 in
    Qwen/Qwen2.5-1.5B-Instruct) echo "2970 28" ;;
    Qwen/Qwen2.5-7B-Instruct) echo "14541 56" ;;
    mistralai/Mistral-7B-Instruct-v0.3) echo "13824 128" ;;
    mistralai/Mistral-Nemo-Instruct-2407) echo "23347 160" ;;
    Qwen/Qwen2.5-14B-Instruct) echo "28160 192" ;;
    Qwen/Qwen2.5-32B-Instruct) echo "62464 256" ;;
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
  echo $(((weights + MAX_MODEL_LEN * cache / 1024 + GPU_COUNT * 1536) * 100 / 90))
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
  for model in "${MODELS[@]}"; do
    (($(gpu_mib_needed "$model") > GPU_TOTAL_MIB)) || fitting+="${fitting:+, }$model"
  done
  printf 'Delete the machine and create one of a type with a larger GPU, such as g2-gpu-rtx4000a1-s (20 GB)'
  if [[ -n $fitting ]]; then
    printf '; or run the script again with a smaller max_model_len, or with a model_id that fits: %s' "$fitting"
  fi
  printf '.'
}
