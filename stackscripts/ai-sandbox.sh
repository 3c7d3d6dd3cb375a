#!/usr/bin/env bash
# Set up an AI sandbox on this machine: Open WebUI on port 3000, and vLLM's API (/v1) on port 8000. Needs Ubuntu 24.04, root
# and an NVIDIA GPU. Runs as a StackScript at the first boot, or by hand; a second run continues where the first one stopped.
#
# Usage: ai-sandbox.sh [--help]
#
# Settings come from the environment, each in capitals; what is not given keeps the value of the last run:
#
# <UDF name="model_id" label="Model of the Hugging Face hub" default="mistralai/Mistral-7B-Instruct-v0.3" example="mistralai/Mistral-7B-Instruct-v0.3">
# <UDF name="hf_token_password" label="Token of the Hugging Face hub. Only for models that ask for one" default="">
# <UDF name="api_key_password" label="API key, 16 to 128 letters, digits, dots, dashes and underscores. Empty: generated on the machine" default="">
# <UDF name="admin_email" label="E-mail address that the administrator signs in with" default="admin@ai-sandbox.local">
# <UDF name="admin_password" label="Password of the administrator, 8 to 72 characters. Empty: generated on the machine" default="">
# <UDF name="allowed_addresses" label="IPv4 addresses or networks that may use ports 3000 and 8000, with commas. 0.0.0.0/0 is everyone: there is no TLS, so give your own where you can" default="0.0.0.0/0" example="203.0.113.7,198.51.100.0/24">
# <UDF name="max_model_len" label="Longest context, in tokens" default="16384">
#
# What it leaves behind:
#   /etc/motd                            what is happening, or where to go, or what failed and what to do
#   /var/log/ai-sandbox/deployment.log   everything that was done, without secrets
#   /var/log/ai-sandbox/status.json      the same as motd, for programs
#   /root/ai-sandbox-credentials.txt     the API key and the administrator's password, for root only
#   /opt/ai-sandbox, /opt/models, /opt/open-webui, and the units ai-sandbox*.service
#
# Exit 0 when the sandbox is ready, or when the machine restarts for its driver and continues by itself; else 1.
#
# Generated from stackscripts/ai-sandbox/ and services/ai-sandbox/docker-compose.yml.template by `npm run generate`.
set -Eeuo pipefail

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

declare -A PHASE_STATE=() PHASE_SECONDS=()
PHASE='' NOW='' OUTCOME=running MODEL='' ERROR_CODE='' ERROR_MESSAGE='' ERROR_REMEDY='' FAULT='' PREFETCH='' FINISHED=false
ALLOWED=()

# To the log, and to whoever watches. The watcher may have gone.
say() {
  local line
  printf -v line '%(%FT%TZ)T %s' -1 "$*"
  printf '%s\n' "$line"
  printf '%s\n' "$line" >&3 2>/dev/null || true
}

json_string() {
  local text=$1
  text=${text//\\/\\\\}
  text=${text//\"/\\\"}
  printf '"%s"' "${text//[[:cntrl:]]/ }"
}

# The address that other machines have for this one.
public_address() {
  local address
  address=$(ip -4 -o route get 192.0.2.1 2>/dev/null | sed -n 's/.* src \([0-9.]*\).*/\1/p') || address=
  printf '%s' "${address:-THIS-MACHINE}"
}

status_json() {
  local name comma='' error=null ui='' api=''
  if [[ -n $ERROR_CODE ]]; then
    error="{\"code\":\"$ERROR_CODE\",\"message\":$(json_string "$ERROR_MESSAGE"),\"remedy\":$(json_string "$ERROR_REMEDY")}"
  fi
  ui="http://$ADDRESS:$WEBUI_PORT" api="http://$ADDRESS:$API_PORT/v1"
  printf '{"version":1,"state":"%s","phase":"%s","phases":[' "$OUTCOME" "$PHASE"
  for name in "${PHASES[@]}"; do
    printf '%s\n  {"name":"%s","state":"%s","seconds":%s}' "$comma" "$name" "${PHASE_STATE[$name]:-waiting}" "${PHASE_SECONDS[$name]:-0}"
    comma=,
  done
  printf '],\n"updated":"%(%FT%TZ)T","error":%s,"urls":{"ui":"%s","api":"%s"},"model":%s}\n' -1 "$error" "$ui" "$api" "$(json_string "$MODEL")"
}

phase_table() {
  local name
  for name in "${PHASES[@]}"; do
    case ${PHASE_STATE[$name]:-waiting} in
      done) printf '  done     %-10s %5s s\n' "$name" "${PHASE_SECONDS[$name]}" ;;
      running) printf '  now      %s\n' "$name" ;;
      failed) printf '  FAILED   %s\n' "$name" ;;
      *) printf '  waiting  %s\n' "$name" ;;
    esac
  done
}

security_warning() {
  printf 'SECURITY: there is no TLS. Passwords, keys and chats cross the network as they are.\n'
  if [[ " ${ALLOWED[*]} " == *'/0 '* ]]; then
    printf '  Ports %s and %s answer EVERYONE. Set allowed_addresses (or a firewall) to your own address:\n' "$WEBUI_PORT" "$API_PORT"
    printf '    ALLOWED_ADDRESSES=203.0.113.7 %s/ai-sandbox.sh\n' "$STACK_DIR"
  else
    printf '  Ports %s and %s answer only: %s\n' "$WEBUI_PORT" "$API_PORT" "${ALLOWED[*]}"
  fi
  printf '  For more than a trial put a proxy with TLS in front.\n'
}

motd_text() {
  printf '\n=== AI sandbox ===\n'
  case $OUTCOME in
    ready)
      printf 'READY: %s\n\n' "$MODEL"
      printf '  Chat (Open WebUI):        http://%s:%s\n' "$ADDRESS" "$WEBUI_PORT"
      printf '  API (OpenAI-compatible):  http://%s:%s/v1\n' "$ADDRESS" "$API_PORT"
      printf '  Password and API key:     %s (as root)\n\n' "$CREDENTIALS_FILE"
      security_warning
      ;;
    failed)
      printf 'FAILED in the phase "%s": %s\n\n' "$PHASE" "$ERROR_CODE"
      printf '  What happened: %s\n' "$ERROR_MESSAGE"
      printf '  What to do:    %s\n' "$ERROR_REMEDY"
      printf '  Then continue: sudo %s/ai-sandbox.sh\n\n' "$STACK_DIR"
      phase_table
      printf '\nA machine that stays on is paid for, and so is one that is switched off: delete it when you give up.\n'
      ;;
    *)
      printf 'BEING SET UP. Now: %s\n\n' "${NOW:-$PHASE}"
      phase_table
      ;;
  esac
  printf '\nLog: %s\nStatus: %s\n' "$LOG_FILE" "$STATUS_FILE"
}

# What people and programs see of it. A full disk must not hide the reason of a failure from the console.
report() {
  status_json | write_file 644 "$STATUS_FILE" || say "could not write $STATUS_FILE"
  motd_text | write_file 644 "$MOTD_FILE" || say "could not write $MOTD_FILE"
}

# What the phase is doing. $* one line.
now() {
  NOW=$*
  say "$PHASE: $NOW"
  report
}

# The end, when it is not a good one. $1 code, $2 what happened, $3 what to do.
fail() {
  trap - ERR
  FINISHED=true OUTCOME=failed ERROR_CODE=$1 ERROR_MESSAGE=$2 ERROR_REMEDY=$3
  [[ -z $PHASE ]] || PHASE_STATE[$PHASE]=failed
  [[ -z $PREFETCH ]] || kill "$PREFETCH" 2>/dev/null || true
  # Who shuts the machine down in the middle of it wants it to go on afterwards.
  [[ $1 == INTERRUPTED ]] || rm -f -- "$STATE_DIR/unfinished"
  say "FAILED in $PHASE: $1"
  say "  What happened: $2"
  say "  What to do:    $3"
  report
  exit 1
}

# Remembers where a command failed that nobody had expected to. Its text has no values in it.
note_fault() {
  FAULT="line $2 ended with $1: $3"
}

# Nothing may end in silence.
on_exit() {
  local status=$1
  [[ $FINISHED == true ]] && return
  local free
  free=$(df --block-size=1M --output=avail "$STATE_DIR" | tail -n 1) || free=1
  ((free > 0)) || fail DISK_FULL "The disk of $STATE_DIR is full." 'Free some space, then run the script again.'
  fail INTERNAL "The script ended unexpectedly (status $status${FAULT:+, $FAULT})." \
    "Read the last lines of $LOG_FILE, then run the script again."
}

on_signal() {
  fail INTERRUPTED "The script was ended by the signal $1." 'Run it again: it continues where it stopped.'
}

# Runs a command with a time limit; all it prints is in the log. $1 seconds.
logged() {
  say "  \$ ${*:2}" 3>/dev/null
  timeout --kill-after=10 "$@" </dev/null
}

check_system() {
  local id version
  id=$(stored_value ID /etc/os-release) version=$(stored_value VERSION_ID /etc/os-release)
  [[ ${id//\"/} == ubuntu && ${version//\"/} == 24.04 ]] ||
    fail UNSUPPORTED_SYSTEM "This is ${id//\"/} ${version//\"/}; the sandbox is made for Ubuntu 24.04." 'Create the machine from the image linode/ubuntu24.04.'
  [[ -d /run/systemd/system ]] ||
    fail UNSUPPORTED_SYSTEM 'systemd does not run here.' 'Use a machine or a virtual machine, not a container.'
}

# NVIDIA's PCI vendor id on a display controller: known before there is a driver.
count_gpus() {
  local device found=0
  for device in /sys/bus/pci/devices/*; do
    [[ $(cat "$device/vendor" 2>/dev/null) == 0x10de && $(cat "$device/class" 2>/dev/null) == 0x03* ]] || continue
    found=$((found + 1))
  done
  printf '%s' "$found"
}

check_gpu() {
  local gpus
  gpus=$(count_gpus)
  ((gpus > 0)) || fail NO_GPU 'This machine has no NVIDIA GPU: 0 found on the PCI bus, 1 needed.' \
    'Delete it and create one of a GPU type, such as g2-gpu-rtx4000a1-s.'
  say "  $gpus NVIDIA GPU(s)"
}

# GiB free where $1 is or will be, and the id of that file system.
free_gib() {
  local folder=$1
  until [[ -d $folder ]]; do folder=$(dirname "$folder"); done
  df --block-size=1 --output=avail,source "$folder" | awk 'NR == 2 { printf "%d %s", $1 / 2^30, $2 }'
}

check_space() {
  local folder=$1 have=$2 need=$3
  ((have >= need)) || fail DISK_TOO_SMALL "The disk of $folder has $have GiB free, and $need GiB are needed." \
    'Free some space, or create a machine of a type with a larger disk.'
}

# What earlier runs have already fetched takes no space any more.
check_disk() {
  local models images models_gib images_gib=$IMAGES_GIB own=$MODELS_DIR/hub/models--${MODEL_ID//\//--}
  models_gib=${MODELS_GIB:-$(disk_gib_needed)}
  read -r -a models <<<"$(free_gib "$MODELS_DIR")"
  read -r -a images <<<"$(free_gib /var/lib/docker)"
  if recorded download; then
    models_gib=0
  elif [[ -d $own ]]; then
    # What is there of another model saves nothing.
    models_gib=$((models_gib - $(du --summarize --block-size=1 "$own" | cut -f 1) / 2 ** 30))
  fi
  ! recorded images || images_gib=0
  if [[ ${models[1]} == "${images[1]}" ]]; then
    check_space "$MODELS_DIR and of Docker" "${models[0]}" "$((models_gib + images_gib))"
  else
    check_space "$MODELS_DIR" "${models[0]}" "$models_gib"
    check_space /var/lib/docker "${images[0]}" "$images_gib"
  fi
  say "  ${models[0]} GiB free"
}

check_memory() {
  local have
  have=$(awk '$1 == "MemTotal:" { printf "%d", ($2 + 1048575) / 1048576 }' /proc/meminfo)
  ((have >= MEMORY_GIB)) || fail MEMORY_TOO_SMALL "The machine has $have GiB of memory, and $MEMORY_GIB GiB are needed." \
    'Create a machine of a larger type, such as g2-gpu-rtx4000a1-s.'
  say "  $have GiB of memory"
}

# Taken by the sandbox itself, in an earlier run, is as it should be.
check_port() {
  local port=$1 listener
  listener=$(ss -Hltnp "sport = :$port")
  [[ -n $listener ]] || return 0
  if recorded configure && [[ -n $(docker ps --quiet --filter "label=com.docker.compose.project=$PROJECT" --filter "publish=$port" 2>/dev/null) ]]; then
    return 0
  fi
  [[ $listener =~ users:\(\(\"([^\"]+)\" ]] && listener=" by ${BASH_REMATCH[1]}" || listener=
  fail PORT_IN_USE "Port $port is in use$listener." "Stop what listens there (ss -ltnp 'sport = :$port' shows it), then run the script again."
}

phase_preflight() {
  now 'checking the system, its GPU, disk, memory and ports'
  install_self
  load_settings
  check_system
  check_gpu
  if driver_works; then check_gpu_memory; fi
  check_disk
  check_memory
  check_port "$WEBUI_PORT"
  check_port "$API_PORT"
  install_resume_unit
}

# Where the power fails, or the driver needs a restart of the machine, the next boot continues.
install_resume_unit() {
  write_file 644 "$UNIT_DIR/ai-sandbox-resume.service" <<UNIT
[Unit]
Description=Continue to set up the AI sandbox
Wants=network-online.target
After=network-online.target docker.service
ConditionPathExists=$STATE_DIR/unfinished

[Service]
Type=exec
ExecStart=$STACK_DIR/ai-sandbox.sh --resume

[Install]
WantedBy=multi-user.target
UNIT
  date +%s | write_file 600 "$STATE_DIR/unfinished"
  if ! { logged 60 systemctl daemon-reload && logged 60 systemctl enable ai-sandbox-resume.service; }; then
    fail UNSUPPORTED_SYSTEM 'systemd did not take the unit that continues after a restart.' "Read the last lines of $LOG_FILE, then run the script again."
  fi
}

# The units need the script in a place that stays, and so does who runs it again.
install_self() {
  local self=${BASH_SOURCE[0]:-}
  [[ $self -ef $STACK_DIR/ai-sandbox.sh ]] && return
  # What comes by a pipe has no file to copy.
  [[ -f $self ]] || fail USAGE 'The script was not run from a file.' 'Save it as a file and run that.'
  write_file 755 "$STACK_DIR/ai-sandbox.sh" <"$self"
}

# apt waits for the lock of dpkg alone; Ubuntu's own updates hold the others in the first minutes of a machine.
wait_for_package_locks() {
  local file deadline=$((SECONDS + 600))
  for file in /var/lib/apt/lists/lock /var/cache/apt/archives/lock /var/lib/dpkg/lock-frontend; do
    while [[ -e $file ]] && grep -q "POSIX .* WRITE .*:$(stat -c %i "$file") " /proc/locks; do
      if ((SECONDS >= deadline)); then return; fi
      sleep "$POLL_INTERVAL"
    done
  done
}

# Something with packages, up to three times: what was cut off is brought to its end in between, and lists that have aged
# are fetched anew. $1 seconds, then the command.
with_packages() {
  local attempt
  for attempt in 1 2 3; do
    wait_for_package_locks
    if logged "$@"; then return 0; fi
    say "  attempt $attempt of 3 failed"
    ((attempt < 3)) || return 1
    sleep "$RETRY_PAUSE"
    logged 1800 dpkg --configure -a || true
    wait_for_package_locks
    logged 600 apt-get -q update || true
  done
}

apt_get() {
  with_packages 1800 apt-get -q -y -o DPkg::Lock::Timeout=600 "$@"
}

phase_packages() {
  now 'installing packages'
  if ! { apt_get update && apt_get install ca-certificates curl iptables iproute2 pciutils python3 ubuntu-drivers-common; }; then
    fail PACKAGES_FAILED 'apt-get could not install the packages that are needed first.' \
      "See the last lines of $LOG_FILE; often the network or a mirror is to blame, and another run succeeds."
  fi
}

# The versions and sizes of the GPUs, a line each. Fails while there is no driver that works.
query_gpus() {
  timeout 60 nvidia-smi --query-gpu=driver_version,memory.total,name --format=csv,noheader,nounits 2>&1
}

driver_works() {
  local answer
  answer=$(query_gpus) || return 1
  [[ $answer =~ ^([0-9]+)\. ]] && ((BASH_REMATCH[1] >= DRIVER_BRANCH))
}

# Mostly possible when nothing has used the GPU yet; nouveau, the driver of the kernel, has to go first.
load_driver() {
  logged 60 modprobe -r nouveau || true
  logged 60 modprobe nvidia || return 1
  logged 60 modprobe nvidia_uvm || return 1
  driver_works
}

boot_id() {
  cat /proc/sys/kernel/random/boot_id
}

# At most once: a machine that restarts for ever would never say what is wrong with it. The boot that asked for it is
# remembered, so that a run which was cut off before the restart may ask again.
restart_machine() {
  local asked
  asked=$(stored_value boot "$STATE_DIR/restart")
  if [[ -n $asked && $asked != "$(boot_id)" ]]; then
    fail DRIVER_NOT_LOADED "The NVIDIA driver does not load, though the machine was restarted once: $(query_gpus | tail -n 1)" \
      "See dmesg and 'dkms status'. Secure Boot has to be off. When nvidia-smi works, run the script again; else create another machine."
  fi
  printf 'boot=%s\n' "$(boot_id)" | write_file 600 "$STATE_DIR/restart"
  PHASE_STATE[driver]=waiting
  now 'restarting the machine once, to load the NVIDIA driver; it continues by itself'
  sync
  # From here on everything is told to end: that is no failure.
  trap '' TERM INT
  logged 60 systemctl reboot ||
    fail DRIVER_NOT_LOADED 'The machine has to restart for the NVIDIA driver, and systemctl reboot failed.' 'Restart it by hand: it continues by itself.'
  FINISHED=true
  exit 0
}

check_gpu_memory() {
  local version memory name needed gpus=0 smallest=0
  while IFS=', ' read -r version memory name; do
    [[ $memory =~ ^[0-9]+$ ]] || continue
    say "  $name, $memory MiB, driver $version"
    gpus=$((gpus + 1))
    ((smallest > 0 && smallest < memory)) || smallest=$memory
  done < <(query_gpus)
  # vLLM spreads a model over 1, 2, 4 or 8: the heads of a model divide by these.
  GPU_COUNT=1
  while ((GPU_COUNT * 2 <= gpus && GPU_COUNT < 8)); do GPU_COUNT=$((GPU_COUNT * 2)); done
  GPU_TOTAL_MIB=$((smallest * GPU_COUNT))
  needed=${GPU_MIB:-$(gpu_mib_needed "$MODEL_ID")}
  ((GPU_TOTAL_MIB >= needed)) || fail GPU_TOO_SMALL "The GPU has $GPU_TOTAL_MIB MiB of memory, and $needed MiB are needed for $MODEL_ID with $MAX_MODEL_LEN tokens of context." \
    "$(remedy_for_gpu)"
}

phase_driver() {
  now 'checking the NVIDIA driver'
  if ! driver_works; then
    now "installing the NVIDIA driver $DRIVER_BRANCH"
    # The open kernel modules: Blackwell takes no other, and every GPU since Turing takes them.
    if ! { with_packages 1800 ubuntu-drivers install --gpgpu "nvidia:$DRIVER_BRANCH-server-open" && apt_get install "nvidia-utils-$DRIVER_BRANCH-server"; }; then
      fail DRIVER_FAILED "The NVIDIA driver $DRIVER_BRANCH could not be installed." "See the last lines of $LOG_FILE, then run the script again."
    fi
    load_driver || restart_machine
  fi
  rm -f -- "$STATE_DIR/restart"
  check_gpu_memory
}

docker_works() {
  timeout 60 docker version >/dev/null 2>&1 && timeout 60 docker compose version >/dev/null 2>&1
}

# Ubuntu's own packages: no other repository to trust, and security updates come by themselves.
phase_docker() {
  local remedy="See the last lines of $LOG_FILE and 'journalctl -u docker', then run the script again."
  now 'installing Docker'
  # One that is there and only stopped is not to be replaced by another package.
  docker_works || { command -v docker >/dev/null && logged 120 systemctl start docker; } || true
  if ! docker_works; then
    apt_get install docker.io docker-compose-v2 || fail DOCKER_FAILED 'Docker could not be installed.' "$remedy"
    logged 120 systemctl enable --now docker || fail DOCKER_FAILED 'Docker does not start.' "$remedy"
  fi
  docker_works || fail DOCKER_FAILED 'Docker or its compose plugin does not answer.' "$remedy"
}

toolkit_works() {
  timeout 60 docker info --format '{{json .Runtimes}}' 2>/dev/null | grep -q '"nvidia"'
}

toolkit_installed() {
  [[ $(dpkg-query --show --showformat '${db:Status-Status}' nvidia-container-toolkit 2>/dev/null) == installed ]]
}

# apt takes the key as it is in a file that ends in .asc.
add_toolkit_repository() {
  local key=/etc/apt/keyrings/nvidia-container-toolkit.asc downloaded
  downloaded=$(timeout 300 curl --fail --silent --show-error --location --retry 3 --retry-delay "$RETRY_PAUSE" "$TOOLKIT_URL/gpgkey") || return 1
  [[ $downloaded == '-----BEGIN PGP PUBLIC KEY BLOCK-----'* ]] || return 1
  mkdir -p /etc/apt/keyrings /etc/apt/sources.list.d
  printf '%s\n' "$downloaded" | write_file 644 "$key"
  printf 'deb [signed-by=%s] %s/stable/deb/%s /\n' "$key" "$TOOLKIT_URL" "$(dpkg --print-architecture)" |
    write_file 644 /etc/apt/sources.list.d/nvidia-container-toolkit.list
}

phase_toolkit() {
  local name packages=() remedy="See the last lines of $LOG_FILE, then run the script again."
  now 'giving containers the GPU: NVIDIA Container Toolkit'
  toolkit_works && return
  for name in nvidia-container-toolkit nvidia-container-toolkit-base libnvidia-container-tools libnvidia-container1; do
    packages+=("$name=$TOOLKIT_VERSION")
  done
  # A newer one, which somebody else has installed, does as well; apt would not go back to this one.
  if ! toolkit_installed && ! { add_toolkit_repository && apt_get update && apt_get install "${packages[@]}"; }; then
    fail TOOLKIT_FAILED "The NVIDIA Container Toolkit $TOOLKIT_VERSION could not be installed." "$remedy"
  fi
  if ! { logged 120 nvidia-ctk runtime configure --runtime=docker && logged 180 systemctl restart docker && toolkit_works; }; then
    fail TOOLKIT_FAILED 'Docker has no nvidia runtime, though the toolkit is installed.' "$remedy"
  fi
}

random_hex() {
  head -c "$1" /dev/urandom | od -An -v -tx1 | tr -d ' \n'
}

# $1 the variable, $2 what the settings say, $3 how a generated one begins. The same in every run.
keep_secret() {
  local value=$2
  [[ -n $value ]] || value=$(stored_value "$1" "$STATE_DIR/secrets")
  [[ -n $value ]] || value=$3$(random_hex 24)
  printf -v "$1" '%s' "$value"
}

# Open WebUI makes the account at its first start, and takes neither of these later: what is written down stays what works.
keep_account() {
  local email password
  [[ -s $WEBUI_DATA_DIR/webui.db ]] || return 0
  email=$(stored_value WEBUI_ADMIN_EMAIL "$STATE_DIR/secrets") password=$(stored_value WEBUI_ADMIN_PASSWORD "$STATE_DIR/secrets")
  [[ -n $email && -n $password ]] || return 0
  if [[ $ADMIN_EMAIL != "$email" || ${ADMIN_PASSWORD:-$password} != "$password" ]]; then
    say '  the administrator is there already: admin_email and admin_password are changed in the chat, and not here'
  fi
  ADMIN_EMAIL=$email ADMIN_PASSWORD=$password
}

make_secrets() {
  keep_account
  keep_secret VLLM_API_KEY "$API_KEY_PASSWORD" sk-
  keep_secret WEBUI_ADMIN_PASSWORD "$ADMIN_PASSWORD" ''
  keep_secret WEBUI_SECRET_KEY '' ''
  local name
  {
    printf 'WEBUI_ADMIN_EMAIL=%s\n' "$ADMIN_EMAIL"
    for name in VLLM_API_KEY WEBUI_ADMIN_PASSWORD WEBUI_SECRET_KEY; do printf '%s=%s\n' "$name" "${!name}"; done
  } | write_file 600 "$STATE_DIR/secrets"
}

# In single quotes, where compose expands nothing; no value holds a quote.
write_environment() {
  write_file 600 "$STACK_DIR/.env" <<ENVIRONMENT
COMPOSE_PROJECT_NAME='$PROJECT'
MODEL_ID='$MODEL_ID'
MAX_MODEL_LEN='$MAX_MODEL_LEN'
GPU_COUNT='$GPU_COUNT'
HF_HUB_OFFLINE='1'
MODELS_DIR='$MODELS_DIR'
WEBUI_DATA_DIR='$WEBUI_DATA_DIR'
WEBUI_PORT='$WEBUI_PORT'
API_PORT='$API_PORT'
VLLM_API_KEY='$VLLM_API_KEY'
WEBUI_ADMIN_EMAIL='$ADMIN_EMAIL'
WEBUI_ADMIN_PASSWORD='$WEBUI_ADMIN_PASSWORD'
WEBUI_SECRET_KEY='$WEBUI_SECRET_KEY'
ENVIRONMENT
}

write_credentials() {
  write_file 600 "$CREDENTIALS_FILE" <<CREDENTIALS
AI sandbox

Chat:      http://$ADDRESS:$WEBUI_PORT
  E-mail:    $ADMIN_EMAIL
  Password:  $WEBUI_ADMIN_PASSWORD

API:       http://$ADDRESS:$API_PORT/v1
  Key:       $VLLM_API_KEY
  Model:     $MODEL_ID
CREDENTIALS
}

# Beside the file there may be a docker-compose.override.yml of the owner's; it is left alone.
stack() {
  local seconds=$1
  shift
  timeout --kill-after=10 "$seconds" docker compose --project-directory "$STACK_DIR" "$@" </dev/null
}

# The images come while the model does: each takes minutes. Whether they could be had is seen when they are needed. Who
# waits for the lock does not wait for this.
prefetch_images() {
  timeout --kill-after=10 3600 docker compose --project-directory "$STACK_DIR" pull --quiet --policy missing </dev/null 3>&- 9>&- &
  PREFETCH=$!
}

install_units() {
  write_file 644 "$UNIT_DIR/ai-sandbox.service" <<UNIT
[Unit]
Description=AI sandbox: vLLM and Open WebUI
Requires=docker.service
After=docker.service network-online.target ai-sandbox-firewall.service
Wants=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/bin/env docker compose --project-directory $STACK_DIR up --detach --remove-orphans
ExecStop=/usr/bin/env docker compose --project-directory $STACK_DIR stop

[Install]
WantedBy=multi-user.target
UNIT
  # Before Docker, which keeps rules that it finds; and Docker does not start without them.
  write_file 644 "$UNIT_DIR/ai-sandbox-firewall.service" <<UNIT
[Unit]
Description=Addresses that may reach the AI sandbox
Before=docker.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=$STACK_DIR/ai-sandbox.sh --firewall

[Install]
WantedBy=multi-user.target
RequiredBy=docker.service
UNIT
  logged 60 systemctl daemon-reload
  logged 60 systemctl enable ai-sandbox-firewall.service
}

# Docker publishes ports past ufw; DOCKER-USER is the chain it leaves to the owner. The port is the one before Docker's own
# translation. What containers send to each other comes in by a bridge.
firewall_rules() {
  local address
  printf '*filter\n:AI-SANDBOX - [0:0]\n'
  for address in "${ALLOWED[@]}"; do printf -- '-A AI-SANDBOX -s %s -j RETURN\n' "$address"; done
  printf -- '-A AI-SANDBOX -j DROP\nCOMMIT\n'
}

apply_firewall() {
  local port rule
  iptables -w -N DOCKER-USER 2>/dev/null || true
  firewall_rules | iptables-restore -w --noflush || return 1
  for port in "$WEBUI_PORT" "$API_PORT"; do
    rule=(DOCKER-USER ! -i br-+ -p tcp -m conntrack --ctorigdstport "$port" --ctdir ORIGINAL -j AI-SANDBOX)
    iptables -w -C "${rule[@]}" 2>/dev/null || iptables -w -I "${rule[@]}" || return 1
  done
}

phase_configure() {
  now 'writing the configuration'
  check_gpu_memory
  mkdir -p "$MODELS_DIR" "$WEBUI_DATA_DIR"
  # Chats and password hashes are nobody else's business. Open WebUI's container runs as root.
  chmod 700 "$WEBUI_DATA_DIR"
  make_secrets
  write_environment
  compose_template | write_file 644 "$STACK_DIR/docker-compose.yml"
  stack 60 config --quiet || fail CONFIGURATION_FAILED 'docker compose does not accept the configuration.' \
    "See the last lines of $LOG_FILE. $STACK_DIR/docker-compose.override.yml, where there is one, may be to blame."
  write_credentials
  install_units
  apply_firewall || fail FIREWALL_FAILED 'iptables did not take the rules for the allowed addresses.' "See the last lines of $LOG_FILE, then run the script again."
}

# Options for curl that hold the token, as a file: what stands on a command line can be seen by everyone.
hub_options() {
  printf 'silent\nshow-error\nlocation\nfail\nconnect-timeout = 20\nspeed-limit = 1024\nspeed-time = %s\n' "$STALL_TIMEOUT"
  [[ -z $HF_TOKEN_PASSWORD ]] || printf 'header = "Authorization: Bearer %s"\n' "$HF_TOKEN_PASSWORD"
}

# Sets HTTP_CODE and returns curl's status. $1 the file, $2 the address, then more options.
from_hub() {
  local status=0
  HTTP_CODE=$(curl --config <(hub_options) --output "$1" --write-out '%{http_code}' "${@:3}" "$2") || status=$?
  return "$status"
}

# Ends with what the hub means by an answer; returns when trying again may help. $1 curl's status, $2 what was asked for.
judge_hub() {
  local page=https://huggingface.co/$MODEL_ID
  case $HTTP_CODE in
    401) fail MODEL_UNAUTHORIZED "The hub asks for a token (401): $2 is private or gated, or there is no such model." "Check model_id; give hf_token_password, a token of an account that may read $page." ;;
    403) fail MODEL_FORBIDDEN "The token may not read the model (403): $2" "Accept the model's terms at $page with the account of the token, then run the script again." ;;
    404) fail MODEL_NOT_FOUND "The hub has no such model or file (404): $2" "Check model_id; it is $MODEL_ID." ;;
  esac
  case $1 in
    23) fail_disk_full "$2" ;;
  esac
  say "  curl ended with $1, HTTP $HTTP_CODE"
}

# What was left half would keep the machine itself from writing.
fail_disk_full() {
  local free
  [[ -z ${PART:-} ]] || rm -f -- "$PART"
  free=$(df --block-size=1M --output=avail "$MODELS_DIR" | tail -n 1)
  fail DISK_FULL "The disk of $MODELS_DIR is full (${free// /} MiB free): $1" 'Free some space, or use a machine with a larger disk, then run the script again.'
}

# Whether the file $1 has $2 bytes.
has_size() {
  [[ $(stat -c %s "$1" 2>/dev/null) == "$2" ]]
}

# When the hub does not answer at all. $1 curl's status, $2 what was asked for.
fail_download() {
  local remedy='Run the script again: it continues with what is here already.'
  if [[ $1 == 28 || $HTTP_CODE == 408 || $HTTP_CODE == 504 ]]; then
    fail DOWNLOAD_TIMEOUT "The hub did not answer in time, 5 times in a row: $2" "$remedy"
  fi
  fail DOWNLOAD_FAILED "The download failed 5 times in a row (curl $1, HTTP $HTTP_CODE): $2" "$remedy"
}

# The files to fetch, as lines of size, SHA-256 (or -) and name, with the commit first. Names are the hub's word: those that
# would leave the folder are refused. Weights are taken once: the hub has the same ones in several forms.
select_files() {
  python3 -c '
import json, re, sys
data = json.load(open(sys.argv[1]))
names = [f["rfilename"] for f in data["siblings"]]
safe = re.compile(r"^(?!.*\.\.)[A-Za-z0-9.][A-Za-z0-9._/+-]*$")
if not re.fullmatch(r"[0-9a-f]{40}", data["sha"]) or not all(safe.match(n) for n in names):
    sys.exit("the listing has an unsafe name")
tensors = any(n.endswith(".safetensors") and not n.startswith("consolidated") for n in names)
print(data["sha"])
for f in data["siblings"]:
    n = f["rfilename"]
    if re.match(r"(original|onnx|openvino)/", n) or n.startswith(".") or n.endswith((".gguf", ".onnx", ".msgpack", ".h5", ".pth", ".ot")):
        continue
    if tensors and (n.endswith((".bin", ".pt")) or re.match(r"consolidated.*\.safetensors$", n) or n == "params.json"):
        continue
    print(int(f["size"]), (f.get("lfs") or {}).get("sha256") or "-", n)
' "$1"
}

# Continues a file where an earlier attempt or run left it. $1 where, $2 address, $3 size, $4 SHA-256 or -, $5 name.
fetch_file() {
  local part=$1 size=$3 tries=0 status before here=0
  PART=$part
  while ((tries < 5)); do
    [[ ! -f $part ]] || here=$(stat -c %s "$part")
    if ((here > size)); then rm -f -- "$part" && here=0; fi
    if ((here == size && size > 0)); then break; fi
    before=$here status=0
    from_hub "$part" "$2" --continue-at "$before" || status=$?
    here=$(stat -c %s "$part" 2>/dev/null) || here=0
    ((status != 0)) || break
    judge_hub "$status" "$5"
    # A server that can't continue sends all of it, and what is here is of no use to it.
    if [[ $status == 33 || $HTTP_CODE == 416 ]]; then rm -f -- "$part" && here=0; fi
    tries=$((here > before ? 0 : tries + 1))
    ((tries >= 5)) || sleep "$RETRY_PAUSE"
  done
  ((tries < 5)) || fail_download "$status" "$5 ($here of $size bytes are here)"
  # Of nothing curl makes no file.
  [[ -f $part ]] || : >"$part"
  [[ $(stat -c %s "$part") == "$size" ]] && { [[ $4 == - ]] || sha256sum --check --status <<<"$4  $part"; }
}

# vLLM needs about a fifth more than the weights, and is given nine tenths of the GPU. $1 bytes.
check_model_fits() {
  local need=$((($1 * 12 / 9 + 1048575) / 1048576))
  ((need <= GPU_TOTAL_MIB)) || fail GPU_TOO_SMALL "The weights of $MODEL_ID need about $need MiB of GPU memory; there are $GPU_TOTAL_MIB MiB." \
    'Choose a smaller model (model_id), or create a machine of a type with more GPU memory.'
}

list_model() {
  local listing=$1 tries status
  for tries in 1 2 3 4 5; do
    status=0
    from_hub "$listing" "$HUB_URL/api/models/$MODEL_ID/revision/main?blobs=true" || status=$?
    if ((status == 0)); then return 0; fi
    judge_hub "$status" "$MODEL_ID"
    ((tries == 5)) || sleep "$RETRY_PAUSE"
  done
  fail_download "$status" "the list of files of $MODEL_ID"
}

# Into the hub's own cache layout: vLLM finds the model there by its name, without a network.
phase_download() {
  local cache=$MODELS_DIR/hub/models--${MODEL_ID//\//--} listing=$STATE_DIR/listing.json selection=$STATE_DIR/listing.txt
  local commit size sha name total=0 got=0 free tries
  now "asking the hub for $MODEL_ID"
  list_model "$listing"
  select_files "$listing" >"$selection" || fail DOWNLOAD_FAILED 'The list of files from the hub is not what it should be.' "See the last lines of $LOG_FILE."
  {
    read -r commit
    while read -r size sha name; do
      total=$((total + size))
      ! has_size "$cache/snapshots/$commit/$name" "$size" || got=$((got + size))
      [[ ! -f $cache/partial/$commit/$name ]] || got=$((got + $(stat -c %s "$cache/partial/$commit/$name")))
    done
  } <"$selection"
  check_model_fits "$total"
  mkdir -p "$cache/snapshots/$commit" "$cache/refs"
  free=$(df --block-size=1 --output=avail "$MODELS_DIR" | tail -n 1)
  ((free >= total - got)) || fail DISK_FULL "$MODEL_ID needs $(((total - got) / 1048576)) MiB more in $MODELS_DIR, and $((free / 1048576)) MiB are free." \
    'Free some space, or use a machine with a larger disk, then run the script again.'
  prefetch_images
  got=0
  while read -r size sha name <&4; do
    if ! has_size "$cache/snapshots/$commit/$name" "$size"; then
      now "downloading $MODEL_ID: $((got / 1048576)) of $((total / 1048576)) MiB, $name"
      mkdir -p "$(dirname "$cache/partial/$commit/$name")" "$(dirname "$cache/snapshots/$commit/$name")"
      for tries in 1 2; do
        if fetch_file "$cache/partial/$commit/$name" "$HUB_URL/$MODEL_ID/resolve/$commit/$name" "$size" "$sha" "$name"; then break; fi
        rm -f -- "$cache/partial/$commit/$name"
        ((tries == 1)) || fail DOWNLOAD_CORRUPT "The size or the checksum of $name is not what the hub says, twice in a row." 'Run the script again later.'
        say "  $name is not what the hub says; again from its start"
      done
      # A machine that loses its power after the move would find an empty file under the final name.
      sync -- "$cache/partial/$commit/$name"
      mv -- "$cache/partial/$commit/$name" "$cache/snapshots/$commit/$name"
    fi
    got=$((got + size))
  done 4< <(tail -n +2 "$selection")
  printf '%s' "$commit" | write_file 644 "$cache/refs/main"
  rm -rf -- "$cache/partial"
  say "  $((got / 1048576)) MiB in $cache"
}

holds_download() {
  local cache=$MODELS_DIR/hub/models--${MODEL_ID//\//--}
  [[ -s $cache/refs/main && -d $cache/snapshots/$(<"$cache/refs/main") ]]
}

# The key goes by a file descriptor. $1 seconds, $2 address, then more options; prints the body, then the code on its own line.
ask() {
  curl --config <(printf 'header = "Authorization: Bearer %s"\n' "$VLLM_API_KEY") --silent --max-time "$1" --write-out '\n%{http_code}' "${@:3}" "$2" || true
}

# The code of an answer to somebody without a key; 000 without an answer.
code_of() {
  curl --silent --max-time 10 --output /dev/null --write-out '%{http_code}' "$1" || true
}

readonly UI=http://127.0.0.1:$WEBUI_PORT
readonly API=http://127.0.0.1:$API_PORT

# The end of what a service said, into the log, without its secrets.
log_service() {
  local line secret
  say "  the last lines of $1:" 3>/dev/null
  { stack 60 logs --no-color --tail 40 "$1" 2>&1 || true; } | while IFS= read -r line; do
    for secret in "$VLLM_API_KEY" "$WEBUI_ADMIN_PASSWORD" "$WEBUI_SECRET_KEY"; do line=${line//"$secret"/***}; done
    printf '    %s\n' "$line"
  done
}

# $1 the service, $2 what happened to it.
fail_start() {
  local lines remedy="See the last lines of $LOG_FILE, then run the script again."
  lines=$(log_service "$1")
  printf '%s\n' "$lines"
  if [[ $lines =~ (out of memory|No available memory|KV cache) ]]; then
    remedy='The GPU has too little memory for it: set a smaller max_model_len or a smaller model_id, or use a larger type, then run the script again.'
  elif [[ $lines =~ (permission denied|Permission denied|readonly database) ]]; then
    remedy="It may not write its data: check the owner of $WEBUI_DATA_DIR, then run the script again."
  fi
  fail SERVICE_NOT_STARTING "The service $1 $2." "$remedy"
}

# A service that keeps ending is not waited for.
check_container() {
  local container state restarts
  container=$(stack 60 ps --all --quiet "$1") || container=
  [[ -n $container ]] || fail_start "$1" 'has no container'
  read -r state restarts <<<"$(docker inspect --format '{{.State.Status}} {{.RestartCount}}' "$container")"
  [[ $state != exited && $state != dead ]] || fail_start "$1" 'has ended'
  ((restarts < 3)) || fail_start "$1" "has ended and started again $restarts times"
}

# vLLM is up when /v1/models answers: with a key, and with a refusal without one.
wait_for_services() {
  local deadline=$((SECONDS + START_TIMEOUT)) ui api
  while true; do
    ui=$(code_of "$UI/health") api=$(code_of "$API/v1/models")
    if [[ $ui == 200 && $api == 401 ]]; then return; fi
    check_container open-webui
    check_container api
    check_container vllm
    if ((SECONDS >= deadline)); then
      [[ $ui == 200 ]] || fail_start open-webui "does not answer after $START_TIMEOUT s (/health: $ui)"
      fail_start vllm "does not answer after $START_TIMEOUT s (/v1/models: $api)"
    fi
    sleep "$POLL_INTERVAL"
  done
}

# Docker counts on when such a container works at last, and what it did before would be held against it.
remove_failed_containers() {
  local container restarts
  while read -r container; do
    read -r _ restarts <<<"$(docker inspect --format '{{.State.Status}} {{.RestartCount}}' "$container")"
    if [[ $restarts =~ ^[0-9]+$ ]] && ((restarts >= 3)); then logged 60 docker rm --force "$container" || true; fi
  done < <(stack 60 ps --all --quiet)
}

phase_start() {
  local attempt
  now 'fetching the images of vLLM and Open WebUI (about 15 GB)'
  [[ -z $PREFETCH ]] || wait "$PREFETCH" || say '  they could not be fetched meanwhile'
  PREFETCH=
  for attempt in 1 2 3; do
    if stack 3600 pull --quiet --policy missing; then break; fi
    ((attempt < 3)) || fail IMAGE_PULL_FAILED 'An image could not be fetched, 3 times in a row.' "See the last lines of $LOG_FILE, then run the script again."
    sleep "$RETRY_PAUSE"
  done
  # A run after this one needs no space for them.
  printf 'subject=%s\n' "$(subject images)" | write_file 600 "$STATE_DIR/done/images"
  # shellcheck disable=SC2016 # The shell in the container expands it.
  stack 300 run --rm --no-deps -T --entrypoint /bin/sh open-webui -c 'f=/app/backend/data/.written && echo 1 >"$f" && rm "$f"' ||
    fail DATA_NOT_WRITABLE "Open WebUI can't write its data to $WEBUI_DATA_DIR." "Check the owner, the mode and the disk of $WEBUI_DATA_DIR, then run the script again."
  now 'starting vLLM and Open WebUI'
  remove_failed_containers
  stack 600 up --detach --remove-orphans || fail SERVICE_NOT_STARTING 'docker compose could not start the services.' "See the last lines of $LOG_FILE, then run the script again."
  now 'waiting for vLLM to load the model'
  wait_for_services
  if ! { logged 60 systemctl enable ai-sandbox.service && logged 300 systemctl start ai-sandbox.service; }; then
    fail SERVICE_NOT_STARTING 'systemd did not take ai-sandbox.service, which starts the stack at boot.' "See 'systemctl status ai-sandbox', then run the script again."
  fi
}

# $1 what is tested, $2 what is expected, $3 what came.
expect() {
  [[ $3 == "$2" ]] || fail VALIDATION_FAILED "$1 answered $3, and $2 was expected." "See $LOG_FILE and 'docker compose --project-directory $STACK_DIR logs', then run the script again."
  say "  $1: $3"
}

# One real answer of the model.
validate_completion() {
  local answer text
  answer=$(printf '{"model":"%s","messages":[{"role":"user","content":"Say hello."}],"max_tokens":16}' "$MODEL_ID" |
    ask 300 "$API/v1/chat/completions" --header 'Content-Type: application/json' --data-binary @-)
  expect '/v1/chat/completions' 200 "${answer##*$'\n'}"
  text=$(python3 -c 'import json, sys; print(json.load(sys.stdin)["choices"][0]["message"]["content"].strip())' <<<"${answer%$'\n'*}") || text=
  [[ -n $text ]] || fail VALIDATION_FAILED 'The model answered with an empty message.' "See $LOG_FILE, then run the script again."
}

# The administrator's password works, and the interface sees the model. Who has changed the password since is not asked.
validate_interface() {
  local answer token
  answer=$(printf '{"email":"%s","password":"%s"}' "$ADMIN_EMAIL" "$WEBUI_ADMIN_PASSWORD" |
    curl --silent --max-time 60 --write-out '\n%{http_code}' --header 'Content-Type: application/json' --data-binary @- "$UI/api/v1/auths/signin") || true
  if [[ ${answer##*$'\n'} != 200 ]] && recorded ready; then
    say '  the administrator has another password by now'
    return
  fi
  expect 'signing in to Open WebUI' 200 "${answer##*$'\n'}"
  token=$(python3 -c 'import json, sys; print(json.load(sys.stdin)["token"])' <<<"${answer%$'\n'*}") || token=
  [[ $token =~ ^[A-Za-z0-9._-]+$ ]] || fail VALIDATION_FAILED 'Open WebUI gave no token.' "See $LOG_FILE, then run the script again."
  answer=$(curl --config <(printf 'header = "Authorization: Bearer %s"\n' "$token") --silent --max-time 60 "$UI/api/models") || true
  [[ $answer == *"\"$MODEL_ID\""* ]] || fail VALIDATION_FAILED "Open WebUI does not list the model $MODEL_ID." "See $LOG_FILE, then run the script again."
  say '  Open WebUI lists the model'
}

phase_validate() {
  local answer path
  now 'trying the services as a user would'
  expect 'Open WebUI /health' 200 "$(code_of "$UI/health")"
  expect '/v1/models without a key' 401 "$(code_of "$API/v1/models")"
  answer=$(ask 60 "$API/v1/models")
  expect '/v1/models with the key' 200 "${answer##*$'\n'}"
  [[ $answer == *"\"$MODEL_ID\""* ]] || fail VALIDATION_FAILED "vLLM does not list the model $MODEL_ID." "See $LOG_FILE, then run the script again."
  for path in /health /metrics /docs; do expect "$path on port $API_PORT" 404 "$(code_of "$API$path")"; done
  validate_completion
  validate_interface
}

phase_ready() {
  logged 60 systemctl disable ai-sandbox-resume.service || true
  rm -f -- "$STATE_DIR/unfinished"
  # Only the download needed it.
  sed -i 's/^HF_TOKEN_PASSWORD=.*/HF_TOKEN_PASSWORD=/' "$STATE_DIR/settings"
}

compose_template() {
  cat <<'COMPOSE_FILE_OF_THE_SANDBOX'
# The AI sandbox: vLLM, a gate in front of its API, and Open WebUI. This is the one source of it: compose.yml beside it and
# the file in stackscripts/ai-sandbox.sh are generated from it.
#
# Images are pinned by their release. Their digests could not be looked up where this was written; add them
# (image:tag@sha256:...) from a registry that you trust when you mirror them.

x-service: &service
  restart: unless-stopped
  security_opt: ["no-new-privileges:true"]
  logging: { driver: json-file, options: { max-size: 20m, max-file: "3" } }

services:
  # Publishes no port: of its API only /v1 asks for the key; /health, /metrics and the others never do.
  vllm:
    <<: *service
    image: ${VLLM_IMAGE:-vllm/vllm-openai:v0.28.0}
    entrypoint: [vllm, serve]
    command:
      - ${MODEL_ID:-mistralai/Mistral-7B-Instruct-v0.3}
      - --served-model-name=${MODEL_ID:-mistralai/Mistral-7B-Instruct-v0.3}
      - --host=0.0.0.0
      - --port=8000
      - --max-model-len=${MAX_MODEL_LEN:-16384}
      # One request at a time; the others wait for their turn.
      - --max-num-seqs=1
      - --gpu-memory-utilization=0.90
      - --tensor-parallel-size=${GPU_COUNT:-1}
      # The same weights a second time, in the form of Mistral's own program.
      - --ignore-patterns=consolidated*.safetensors
    environment:
      VLLM_API_KEY: ${VLLM_API_KEY:?the key of the API}
      HF_HOME: /models
      HF_TOKEN: ${HF_TOKEN:-}
      # 1 where the model has been downloaded beforehand: a restart needs no network then.
      HF_HUB_OFFLINE: ${HF_HUB_OFFLINE:-0}
      VLLM_CACHE_ROOT: /models/.vllm
      VLLM_NO_USAGE_STATS: "1"
    volumes:
      - ${MODELS_DIR:-/opt/models}:/models
    shm_size: 8g
    deploy:
      resources:
        reservations:
          devices: [{ driver: nvidia, count: all, capabilities: [gpu] }]
    healthcheck:
      test: [CMD, curl, --fail, --silent, --max-time, "5", "http://127.0.0.1:8000/health"]
      interval: 10s
      timeout: 6s
      retries: 3
      start_period: 20m

  # Lets /v1 through, and nothing else. It is published on IPv4 only: over IPv6 Docker's proxy passes the firewall by.
  api:
    <<: *service
    image: ${CADDY_IMAGE:-caddy:2.11.4-alpine}
    # Caddy's settings are in the environment, so that a change of them makes the container anew; that of a config does not.
    entrypoint:
      - /bin/sh
      - -ec
      - printf %s "$$CADDYFILE" >/tmp/Caddyfile && exec caddy run --adapter caddyfile --config /tmp/Caddyfile
    environment:
      CADDYFILE: |
        {
        	admin off
        	auto_https off
        }
        :8000 {
        	@api path_regexp ^/v1/
        	handle @api {
        		request_body {
        			max_size 32MB
        		}
        		reverse_proxy vllm:8000 {
        			flush_interval -1
        		}
        	}
        	handle {
        		respond "Only /v1 is served here." 404
        	}
        }
        :8001 {
        	respond "ok"
        }
    ports: ["${BIND_ADDRESS:-0.0.0.0}:${API_PORT:-8000}:8000"]
    healthcheck:
      test: [CMD, wget, -q, -O, /dev/null, "http://127.0.0.1:8001/"]
      interval: 10s
      timeout: 5s
      retries: 3

  open-webui:
    <<: *service
    image: ${WEBUI_IMAGE:-ghcr.io/open-webui/open-webui:v0.11.3}
    ports: ["${BIND_ADDRESS:-0.0.0.0}:${WEBUI_PORT:-3000}:8080"]
    environment:
      OPENAI_API_BASE_URL: http://vllm:8000/v1
      OPENAI_API_KEY: ${VLLM_API_KEY:?the key of the API}
      # Makes the administrator at the first start, and nobody can sign up after that.
      WEBUI_ADMIN_EMAIL: ${WEBUI_ADMIN_EMAIL:-admin@ai-sandbox.local}
      WEBUI_ADMIN_PASSWORD: ${WEBUI_ADMIN_PASSWORD:?the password of the administrator}
      WEBUI_SECRET_KEY: ${WEBUI_SECRET_KEY:?what signs the sessions}
      ENABLE_SIGNUP: "False"
      ENABLE_OLLAMA_API: "False"
      # What is set here wins over what a former start stored.
      ENABLE_PERSISTENT_CONFIG: "False"
      ENABLE_VERSION_UPDATE_CHECK: "False"
      # Each would wait in the queue of the one model, before the next answer.
      ENABLE_TAGS_GENERATION: "False"
      ENABLE_FOLLOW_UP_GENERATION: "False"
      ENABLE_AUTOCOMPLETE_GENERATION: "False"
    volumes:
      - ${WEBUI_DATA_DIR:-/opt/open-webui}:/app/backend/data
    healthcheck:
      test: [CMD, curl, --fail, --silent, --max-time, "5", "http://127.0.0.1:8080/health"]
      interval: 10s
      timeout: 6s
      retries: 3
      start_period: 5m
COMPOSE_FILE_OF_THE_SANDBOX
}

# What a recorded phase was done for: another model is downloaded anew.
subject() {
  if [[ $1 == download ]]; then printf '%s' "$MODEL_ID"; else printf '1'; fi
}

recorded() {
  [[ -f $STATE_DIR/done/$1 && $(stored_value subject "$STATE_DIR/done/$1") == "$(subject "$1")" ]]
}

# Of a phase that was done in an earlier run: whether what it made is still there.
holds() {
  case $1 in
    packages) command -v curl >/dev/null && command -v iptables >/dev/null ;;
    driver) driver_works ;;
    docker) docker_works ;;
    toolkit) toolkit_works ;;
    download) holds_download ;;
    # The others are quick, and are done every time.
    *) false ;;
  esac
}

run_phase() {
  local name=$1 started
  PHASE=$name NOW=''
  if recorded "$name" && holds "$name"; then
    PHASE_STATE[$name]="done" PHASE_SECONDS[$name]=$(stored_value seconds "$STATE_DIR/done/$name")
    say "$name: done in an earlier run"
    return
  fi
  PHASE_STATE[$name]=running started=$SECONDS
  "phase_$name"
  PHASE_STATE[$name]="done" PHASE_SECONDS[$name]=$((SECONDS - started))
  printf 'subject=%s\nseconds=%s\n' "$(subject "$name")" "$((SECONDS - started))" | write_file 600 "$STATE_DIR/done/$name"
  say "$name: done in $((SECONDS - started)) s"
}

print_help() {
  sed -n '2,/^set -/{/^#/!q;s/^# \{0,1\}//p;}' "${BASH_SOURCE[0]}"
}

# Everything that is printed from here on is in the log; who watches sees what say says.
open_log() {
  mkdir -p "$LOG_DIR" "$STACK_DIR" "$STATE_DIR/done"
  chmod 700 "$STATE_DIR"
  touch "$LOG_FILE"
  chmod 640 "$LOG_FILE"
  exec 3>&1 >>"$LOG_FILE" 2>&1
}

set_up() {
  local phase line
  exec 9>"$STATE_DIR/lock"
  if ! flock --nonblock 9; then
    printf 'Another run is under way: see %s\n' "$LOG_FILE" >&3
    return 1
  fi
  trap 'note_fault "$?" "$LINENO" "$BASH_COMMAND"' ERR
  trap 'on_exit "$?"' EXIT
  trap 'on_signal TERM' TERM
  trap 'on_signal INT' INT
  # Who watched over SSH may go away.
  trap '' HUP PIPE
  ADDRESS=$(public_address)
  say "AI sandbox: $1"
  for phase in "${PHASES[@]}"; do run_phase "$phase"; done
  OUTCOME=ready
  report
  FINISHED=true
  say 'READY. The time of each phase:'
  while IFS= read -r line; do say "$line"; done < <(phase_table)
  motd_text >&3 2>/dev/null || true
}

main() {
  case ${1:-} in
    '' | --resume | --firewall) ;;
    -h | --help)
      print_help
      return 0
      ;;
    *)
      printf 'error: unknown option %q. Run %s --help.\n' "$1" "$0" >&2
      return 2
      ;;
  esac
  if ((EUID != 0)); then
    printf 'error: the AI sandbox is set up by root: sudo %s\n' "$0" >&2
    return 1
  fi
  if [[ ${1:-} == --firewall ]]; then
    # At boot, from what was checked before.
    ALLOWED_ADDRESSES=$(stored_value ALLOWED_ADDRESSES "$STATE_DIR/settings")
    check_addresses || return 1
    apply_firewall
    return
  fi
  open_log
  if [[ ${1:-} == --resume ]]; then set_up 'continued after a start of the machine'; else set_up 'started'; fi
}

main "$@"
