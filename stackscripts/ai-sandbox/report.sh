# shellcheck shell=bash disable=SC2004,SC2034,SC2153,SC2154

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
