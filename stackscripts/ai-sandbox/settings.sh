# shellcheck shell=bash disable=SC2004,SC2034,SC2153,SC2154

# Letters mean ASCII ones, times are UTC, and files that are no secrets can be read, whatever the caller has set.
export LC_ALL=C TZ=UTC DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
umask 022
# Compose would take these from the shell rather than from the file that the machine starts with.
unset DOCKER_HOST DOCKER_CONTEXT BIND_ADDRESS GPU_COUNT HF_TOKEN HF_HUB_OFFLINE CADDY_IMAGE "${!COMPOSE_@}" "${!VLLM_@}" "${!WEBUI_@}"

# The tests set these; so may whoever knows why.
readonly MODELS_DIR=${AI_SANDBOX_MODELS_DIR:-/opt/models}
readonly WEBUI_DATA_DIR=${AI_SANDBOX_WEBUI_DATA_DIR:-/opt/open-webui}
readonly PROJECT=${AI_SANDBOX_PROJECT:-ai-sandbox}
readonly WEBUI_PORT=${AI_SANDBOX_WEBUI_PORT:-3000}
readonly API_PORT=${AI_SANDBOX_API_PORT:-8000}
readonly HUB_URL=${HF_ENDPOINT:-https://huggingface.co}
readonly TOOLKIT_URL=${AI_SANDBOX_TOOLKIT_URL:-https://nvidia.github.io/libnvidia-container}
# GiB and MiB; those of the model are empty where its own needs count.
readonly MODELS_GIB=${AI_SANDBOX_MODELS_GIB:-}
readonly IMAGES_GIB=${AI_SANDBOX_IMAGES_GIB:-40}
readonly MEMORY_GIB=${AI_SANDBOX_MEMORY_GIB:-14}
readonly GPU_MIB=${AI_SANDBOX_GPU_MIB:-}
# Seconds.
readonly RETRY_PAUSE=${AI_SANDBOX_RETRY_PAUSE:-10}
readonly STALL_TIMEOUT=${AI_SANDBOX_STALL_TIMEOUT:-60}
readonly START_TIMEOUT=${AI_SANDBOX_START_TIMEOUT:-1200}
readonly POLL_INTERVAL=${AI_SANDBOX_POLL_INTERVAL:-5}

# Current vLLM images are built for CUDA 13, which takes this driver or a newer one.
readonly DRIVER_BRANCH=580
readonly TOOLKIT_VERSION=1.18.2-1

readonly STACK_DIR=/opt/ai-sandbox
readonly STATE_DIR=/var/lib/ai-sandbox
readonly LOG_DIR=/var/log/ai-sandbox
readonly LOG_FILE=$LOG_DIR/deployment.log
readonly STATUS_FILE=$LOG_DIR/status.json
readonly MOTD_FILE=/etc/motd
readonly CREDENTIALS_FILE=/root/ai-sandbox-credentials.txt
readonly UNIT_DIR=/etc/systemd/system
readonly PHASES=(preflight packages driver docker toolkit configure download start validate ready)

# Writes stdin, which is text, to a file as a whole or not at all, and never lets it be read before it has its mode.
# $1 the mode, $2 the file.
write_file() {
  local mode=$1 path=$2 temporary=$2.$BASHPID content=
  IFS= read -r -d '' content || true
  umask 077
  if printf '%s' "$content" >"$temporary" && { [[ $mode == 600 ]] || chmod "$mode" "$temporary"; } && sync -- "$temporary" && mv -fT -- "$temporary" "$path"; then
    umask 022
    return 0
  fi
  umask 022
  rm -f -- "$temporary"
  return 1
}

# The value of $1 in a file of NAME=value lines, $2. Nothing in it is ever evaluated.
stored_value() {
  local line
  [[ -r $2 ]] || return 0
  while IFS= read -r line; do
    if [[ $line == "$1="* ]]; then
      printf '%s' "${line#*=}"
      return 0
    fi
  done <"$2"
}

# Sets the variable $1 to what the environment says, else to that of the last run, else to $2.
read_setting() {
  local name=$1 lower=${1,,} value
  value=${!name:-${!lower:-}}
  [[ -n $value ]] || value=$(stored_value "$name" "$STATE_DIR/settings")
  printf -v "$name" '%s' "${value:-$2}"
  # No program that is started needs it in its environment.
  export -n "${name?}" "${lower?}"
}

# $1 a setting, $2 what it has to match, $3 the same for people. Values of secrets are not repeated.
check_setting() {
  local name=$1 shown
  [[ ${!name} =~ $2 ]] && return 0
  shown=" It is $(printf '%.80q' "${!name}")."
  [[ $name != *PASSWORD* ]] || shown=
  fail INPUT_INVALID "The setting ${name,,} is not $3.$shown" "Run the script again with ${name,,} mended."
}

check_addresses() {
  local entry octets prefix number list=()
  local shape='^(([0-9]{1,3}\.){3}[0-9]{1,3})(/([0-9]{1,2}))?$'
  IFS=', ' read -r -a list <<<"$ALLOWED_ADDRESSES"
  ALLOWED=()
  for entry in "${list[@]}"; do
    [[ -n $entry ]] || continue
    [[ $entry =~ $shape ]] || return 1
    prefix=${BASH_REMATCH[4]:-32}
    IFS=. read -r -a octets <<<"${BASH_REMATCH[1]}"
    for number in "${octets[@]}"; do ((10#$number <= 255)) || return 1; done
    ((10#$prefix <= 32)) || return 1
    ALLOWED+=("${BASH_REMATCH[1]}/$((10#$prefix))")
  done
  ((${#ALLOWED[@]} >= 1 && ${#ALLOWED[@]} <= 64))
}

# Values come from a form on the web: each is checked, and none is evaluated.
load_settings() {
  local name
  read_setting MODEL_ID mistralai/Mistral-7B-Instruct-v0.3
  read_setting HF_TOKEN_PASSWORD ''
  read_setting API_KEY_PASSWORD ''
  read_setting ADMIN_EMAIL admin@ai-sandbox.local
  read_setting ADMIN_PASSWORD ''
  read_setting ALLOWED_ADDRESSES 0.0.0.0/0
  read_setting MAX_MODEL_LEN 16384
  check_setting MODEL_ID '^[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}$' 'the name of a model, as in organisation/model'
  [[ $MODEL_ID != *..* ]] || fail INPUT_INVALID 'The setting model_id has two dots in a row.' 'Run the script again with model_id mended.'
  check_setting HF_TOKEN_PASSWORD '^([A-Za-z0-9_-]{8,256})?$' 'a token: 8 to 256 letters, digits, dashes and underscores'
  check_setting API_KEY_PASSWORD '^([A-Za-z0-9._-]{16,128})?$' '16 to 128 letters, digits, dots, dashes and underscores'
  check_setting ADMIN_EMAIL '^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,8}$' 'an e-mail address'
  # What a file for compose can't hold in single quotes is left out.
  local sign='[]A-Za-z0-9!#$%&()*+,./:;<=>?@[^_{|}~-]'
  check_setting ADMIN_PASSWORD "^($sign{8,72})?\$" '8 to 72 characters out of ASCII, without spaces, quotes and backslashes'
  check_setting MAX_MODEL_LEN '^[1-9][0-9]{2,6}$' 'a number of tokens from 100 to 9999999'
  check_setting ALLOWED_ADDRESSES '^[0-9][0-9./, ]{6,2000}$' 'a list of IPv4 addresses or networks, with commas'
  check_addresses || fail INPUT_INVALID "The setting allowed_addresses is not a list of 1 to 64 IPv4 addresses or networks. It is $(printf '%.80q' "$ALLOWED_ADDRESSES")." \
    'Give addresses such as 203.0.113.7 or 198.51.100.0/24; IPv6 is not served.'
  MODEL=$MODEL_ID
  for name in MODEL_ID HF_TOKEN_PASSWORD API_KEY_PASSWORD ADMIN_EMAIL ADMIN_PASSWORD ALLOWED_ADDRESSES MAX_MODEL_LEN; do
    printf '%s=%s\n' "$name" "${!name}"
  done | write_file 600 "$STATE_DIR/settings"
}
