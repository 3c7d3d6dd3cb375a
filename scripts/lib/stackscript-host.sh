# shellcheck shell=bash
# The part of run-stackscript.sh that runs on the host, as root. It is sent over
# SSH as the standard input of a bash, with its last line after everything else:
# cut off on the way, none of it runs.
#
# Expects OPERATION (start, follow or api_key) and PAUSE, in seconds; for start also SCRIPT
# and VALUES, base64.

# Survives a reboot: scripts and the moment of the last start.
STATE=/var/lib/launch-stackscript
# Does not: the exit status of a script of this boot.
RUN=/run/launch-stackscript
STATUS=/var/log/ai-sandbox/status.json

# The process that outlives the connection. It holds the lock, the script and
# what that leaves running (a dockerd) do not.
write_runner() {
  cat >"$1/run" <<'RUNNER'
#!/usr/bin/env bash
state=$1 run=$2 folder=$3
exec 9>"$state/lock"
if ! flock -n 9; then
  rm -rf -- "$folder"
  exit 75
fi
export HOME=/root DEBIAN_FRONTEND=noninteractive
set -a
# shellcheck disable=SC1091
. "$folder/values"
set +a
rm -f -- "$folder/values" "$run/exit"
: >"$state/started"
: >"$folder/began"
bash "$folder/script" >"$folder/output.log" 2>&1 </dev/null 9>&-
printf '%s\n' "$?" >"$run/exit"
RUNNER
}

# In a unit of its own: when the last session of a user ends, systemd may end
# what that left behind, also what nohup started.
detach() {
  if [[ -d /run/systemd/system ]]; then
    systemd-run --quiet --collect --unit="launch-stackscript-${1##*.}" -- \
      /bin/bash "$1/run" "$STATE" "$RUN" "$1"
  else
    setsid nohup /bin/bash "$1/run" "$STATE" "$RUN" "$1" </dev/null >/dev/null 2>&1 &
  fi
}

start() {
  local folder tries
  umask 077
  mkdir -p "$STATE" "$RUN"
  if ! flock -n "$STATE/lock" true; then
    echo running
    return
  fi
  # What earlier starts have left behind, of one that was killed its values too;
  # but not what another start has just put there.
  find "$STATE" -mindepth 1 -maxdepth 1 -name 'run.*' -mmin +1 -exec rm -rf -- {} +
  folder=$(mktemp -d "$STATE/run.XXXXXXXX")
  base64 -d <<<"$SCRIPT" >"$folder/script"
  base64 -d <<<"$VALUES" >"$folder/values"
  write_runner "$folder"
  detach "$folder"
  for ((tries = 0; tries < 100; tries++)); do
    # Gone: another start was quicker, and its script runs.
    [[ -d $folder ]] || break
    if [[ -e $folder/began ]]; then
      echo started
      return
    fi
    sleep 0.1
  done
  [[ -d $folder ]] || {
    echo running
    return
  }
  rm -rf -- "$folder"
  echo 'the script did not start within 10 s' >&2
  return 1
}

# One line for each change of the status, and one every two seconds in any case:
# by those that can't be written any more this loop ends after its connection.
follow() {
  local last='' now ended
  while :; do
    # First the end, then the status: the other way round the last one could be missed.
    ended=$(cat "$RUN/exit" 2>/dev/null) || ended=
    # A status of before the start is not of this run.
    if [[ -e $STATUS && ! $STATUS -ot $STATE/started ]]; then
      now=$(tr -d '\r\n' <"$STATUS")
      [[ $now == "$last" ]] || printf 'status %s\n' "$now"
      last=$now
    fi
    if [[ -n $ended ]]; then printf 'ended %s\n' "$ended"; else echo alive; fi
    sleep "$PAUSE"
  done
}

# The key that the sandbox's own script has made.
api_key() {
  sed -n "s/^VLLM_API_KEY='\(.*\)'\$/\1/p" /opt/ai-sandbox/.env
}

set -eu
"$OPERATION"
