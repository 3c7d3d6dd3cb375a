# shellcheck shell=bash disable=SC2004,SC2034,SC2153,SC2154

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
