# shellcheck shell=bash disable=SC2034,SC2153,SC2154
# The end: what was set up is tried out, as the runner's user where that matters.

FAILED_PROOFS=0

proved() {
  say "ok      $1"
}

not_proved() {
  FAILED_PROOFS=$((FAILED_PROOFS + 1))
  say "FAILED  $1"
}

as_runner() {
  setpriv --reuid "$RUNNER_USER" --regid "$RUNNER_USER" --init-groups -- \
    env -i HOME="$HOME_DIR" PATH="$PATH" LC_ALL=C "$@" </dev/null
}

prove() {
  say
  prove_service
  prove_docker
  prove_state
  prove_gate
  prove_online
  ((FAILED_PROOFS == 0)) || die "$FAILED_PROOFS of these failed; mend it and run this script again"
}

prove_service() {
  local pid
  if systemctl is-enabled --quiet "$UNIT"; then
    proved "$UNIT starts with the machine"
  else
    not_proved "$UNIT does not start with the machine: systemctl enable $UNIT"
  fi
  pid=$(running_pid)
  if systemctl is-active --quiet "$UNIT" && [[ -n $pid ]] && [[ $(stat -c %U "/proc/$pid") == "$RUNNER_USER" ]]; then
    proved "$UNIT runs as $RUNNER_USER"
  else
    not_proved "$UNIT does not run; see: journalctl --unit=$UNIT --lines=50"
  fi
}

prove_docker() {
  if as_runner docker ps --quiet >/dev/null 2>&1; then
    proved "$RUNNER_USER can use Docker (docker ps)"
  else
    not_proved "$RUNNER_USER can not use Docker; see: systemctl status docker"
  fi
  if at_least "$(compose_version)" "$COMPOSE_MINIMUM"; then
    proved "docker compose is $(compose_version)"
  else
    not_proved "docker compose is older than $COMPOSE_MINIMUM, or not there"
  fi
}

prove_state() {
  if as_runner test -w "$STATE_DIR" -a -x "$STATE_DIR"; then
    proved "$RUNNER_USER can write to $STATE_DIR"
  else
    not_proved "$RUNNER_USER can not write to $STATE_DIR"
  fi
}

# The gate as it is installed, with a made-up job of a pull request and with one that it has to take.
prove_gate() {
  local said repository=${ALLOWED_REPOSITORIES[0]//\*/example} ref=${ALLOWED_REFS[0]//[*?]/x} file loose=''
  if said=$(try_gate pull_request refs/pull/1/merge '{"pull_request": {}}'); then
    not_proved "the gate $HOOK takes jobs of pull requests"
  elif [[ $said == '::error '*'not of pull_request'* ]]; then
    proved 'the gate refuses a job of a pull request'
  else
    not_proved "the gate $HOOK fails: ${said:-it says nothing}"
  fi
  if said=$(try_gate push "$ref" "{\"ref\": \"$ref\", \"repository\": {\"full_name\": \"$repository\"}}"); then
    proved "the gate takes a push to $ref of $repository"
  else
    not_proved "the gate refuses a push to $ref of $repository: $said"
  fi
  for file in "$HOOK" "$POLICY" "$UNIT_DIR/$UNIT"; do
    [[ $(stat -c %u "$file") == 0 && $((8#$(stat -c %a "$file") & 8#022)) == 0 ]] || loose=$file
    if as_runner test -w "$file" -o -w "${file%/*}"; then loose=$file; fi
  done
  if ! uses_gate; then
    not_proved "the runner does not use the gate: its environment lacks ACTIONS_RUNNER_HOOK_JOB_STARTED=$HOOK"
  elif [[ -n $loose ]]; then
    not_proved "$loose can be changed by others than root"
  else
    proved 'the runner uses the gate, and its user can not change it'
  fi
}

uses_gate() {
  local pid
  pid=$(running_pid)
  [[ -n $pid ]] && tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null | grep -qxF "ACTIONS_RUNNER_HOOK_JOB_STARTED=$HOOK" &&
    grep -qxF "ACTIONS_RUNNER_HOOK_JOB_STARTED=$HOOK" "$(release_folder)/.env"
}

# $1 the event, $2 the ref, $3 the event's JSON.
try_gate() {
  setpriv --reuid "$RUNNER_USER" --regid "$RUNNER_USER" --init-groups -- \
    env -i PATH="$PATH" GITHUB_EVENT_NAME="$1" GITHUB_REPOSITORY="${ALLOWED_REPOSITORIES[0]//\*/example}" GITHUB_REF="$2" \
    bash -e "$HOOK" --check <<<"$3" 2>&1
}

prove_online() {
  local tries missing
  if [[ -z $API_TOKEN ]]; then
    say "?       whether GitHub sees the runner online could not be asked: that takes GITHUB_TOKEN. Look at $(runners_page)"
    return
  fi
  for ((tries = 0; tries < 30; tries++)); do
    if ! find_runner "$NAME"; then
      say "?       whether GitHub sees the runner online could not be asked (HTTP $API_STATUS). Look at $(runners_page)"
      return
    fi
    if [[ -n $FOUND && $(jq -r '.status' <<<"$FOUND") == online ]]; then
      missing=$(jq -r --arg wanted "$LABELS" '($wanted | ascii_downcase | split(",")) - [.labels[].name | ascii_downcase] | join(", ")' <<<"$FOUND")
      if [[ -z $missing ]]; then
        proved "GitHub sees the runner $NAME online, with the labels $(jq -r '[.labels[].name] | join(", ")' <<<"$FOUND")"
      else
        not_proved "GitHub sees the runner $NAME online, but without the labels $missing"
      fi
      return
    fi
    sleep 1
  done
  not_proved "GitHub does not see the runner $NAME online after 30 s; see: journalctl --unit=$UNIT --lines=50"
}

runners_page() {
  if [[ -n $REPOSITORY ]]; then
    printf '%s/%s/settings/actions/runners' "$SERVER" "$REPOSITORY"
  else
    printf '%s/organizations/%s/settings/actions/runners' "$SERVER" "$ORGANISATION"
  fi
}

print_hints() {
  cat >&2 <<HINTS

The firewall: the runner only connects out, to port 443 of GitHub; nothing has to reach it. This script changes no rules.
To let nothing in but SSH and what you publish:
  ufw default deny incoming && ufw allow OpenSSH && ufw enable
Ports that containers publish go past ufw: bind them to 127.0.0.1, or have a firewall before the machine.

In launch.yml this machine is: targets: { NAME: { runs-on: [self-hosted, ${LABELS//,/, }] } }
HINTS
  command -v launch >/dev/null ||
    say "After a power loss \`launch recover\` finishes what was cut off; there is no command launch here. Once there is, run this script again, and it starts with the machine."
}
