# shellcheck shell=bash disable=SC2004,SC2034,SC2153,SC2154

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
