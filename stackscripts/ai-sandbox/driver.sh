# shellcheck shell=bash disable=SC2004,SC2034,SC2153,SC2154

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
