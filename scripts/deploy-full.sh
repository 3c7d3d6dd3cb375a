#!/usr/bin/env bash
# Make a GPU instance with the AI sandbox, follow every phase of its set-up over
# SSH, ask its services with the real key, and sum up.
#
# Usage: scripts/deploy-full.sh --label NAME [--identity FILE] [--keep] [OPTION...]
#
#   --label NAME      its label; by it the instance is found again, whatever happens
#   --identity FILE   the private key for SSH, whose public half is FILE.pub (default: ~/.ssh/id_ed25519,
#                     then id_ecdsa, then id_rsa)
#   --setup-timeout SECONDS   how long the set-up on the host may take (default: 2700)
#   --keep            leave it there when something fails, or at Ctrl-C
#   --help            this text
#   OPTION            any option of `launch gpu ensure`, such as --ttl 4h, --stackscript-data @secrets.env,
#                     --max-hourly-cost 1, --dry-run
#
# Reads LINODE_TOKEN. This machine's address has to be among those of --firewall
# (the default). The host's key is taken as it comes at the first connection, and
# kept in ~/.local/state/launch/gpu-known-hosts under the instance's number.
#
# Exit: 0 it answers, 1 failed and nothing is left, 2 wrong usage, 3 failed and
# what was made is deleted again, 4 failed and what was made is there, and bills.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib/gpu.sh
source "$ROOT/scripts/lib/gpu.sh"
# shellcheck source=scripts/lib/ssh.sh
source "$ROOT/scripts/lib/ssh.sh"

SETUP_TIMEOUT=2700
TIMES=()

parse_arguments() {
  local rest=()
  while (($#)); do
    case $1 in
      --identity | --setup-timeout) (($# > 1)) || usage_error "$1 needs a value" ;;
    esac
    case $1 in
      --identity)
        SSH_IDENTITY=$2
        shift
        ;;
      --setup-timeout)
        SETUP_TIMEOUT=$2
        shift
        ;;
      *) rest+=("$1") ;;
    esac
    shift
  done
  [[ $SETUP_TIMEOUT =~ ^[1-9][0-9]{0,5}$ ]] ||
    usage_error "--setup-timeout takes a number of seconds, not '$SETUP_TIMEOUT'"
  take_instance_arguments "${rest[@]}"
}

choose_identity() {
  local kind
  for kind in ed25519 ecdsa rsa; do
    [[ -z $SSH_IDENTITY ]] || break
    [[ ! -r ~/.ssh/id_$kind ]] || SSH_IDENTITY=~/.ssh/id_$kind
  done
  [[ -n $SSH_IDENTITY ]] || die 'there is no SSH key. Make one, ssh-keygen -t ed25519, or name yours: --identity FILE'
  [[ -r $SSH_IDENTITY.pub ]] || die "there is no $SSH_IDENTITY.pub. Make it: ssh-keygen -y -f $SSH_IDENTITY >$SSH_IDENTITY.pub"
}

# $1 what takes so long, then a command.
step() {
  local started=$SECONDS status=0
  say "==> $1"
  "${@:2}" || status=$?
  TIMES+=("$(printf '%-24s %s' "$1" "$(human_seconds "$((SECONDS - started))")")")
  return "$status"
}

make_instance() {
  local status=0
  # Its progress, and not its table: the summary at the end says more.
  attended launch gpu ensure --stackscript ai-sandbox --wait-for running \
    --authorized-keys "$SSH_IDENTITY.pub" "${ARGUMENTS[@]}" --json --verbose >"$WORK_DIR/made" || status=$?
  # What was there before is not this script's to delete.
  [[ $(json_field "$WORK_DIR/made" created) != true ]] || MADE=true
  ((status == 0)) || end_without_instance "$status"
}

# $1 the status of the command that has failed; whether to delete was its own to decide.
end_without_instance() {
  local reason
  # A program that reads JSON finds it there; a person has not seen it yet.
  reason=$(json_field "$WORK_DIR/made" failure.message)
  [[ -z $reason ]] || say "$reason"
  # It was killed before it told anything, or what it has made may still be there.
  [[ $MADE == true || ! -s $WORK_DIR/made ]] || exit "$1"
  look || true
  if [[ $(json_field "$WORK_DIR/instance" status) != absent ]]; then
    warn_of_cost
    exit 4
  fi
  [[ $MADE == false ]] || exit 3
  exit "$1"
}

follow_set_up() {
  local state=${XDG_STATE_HOME:-$HOME/.local/state}/launch
  SSH_HOST=$(json_field "$WORK_DIR/made" instance.ipv4)
  # Addresses are given away again: the next host at this one has another number, and its own key.
  SSH_ALIAS=linode-$(json_field "$WORK_DIR/made" instance.id)
  mkdir -p "$state"
  SSH_KNOWN_HOSTS=$state/gpu-known-hosts
  touch "$SSH_KNOWN_HOSTS"
  check_ssh_options
  follow_on_host "$SETUP_TIMEOUT"
}

check_services() {
  host_program api_key | on_host >"$WORK_DIR/api-key" || return 1
  attended launch gpu check --host "$SSH_HOST" --api-key-file "$WORK_DIR/api-key"
}

sum_up() {
  local line
  launch gpu status --label "$LABEL"
  printf '\n'
  for line in "${TIMES[@]}"; do printf '%s\n' "$line"; done
  printf '\nChat:       http://%s:3000\nAPI:        http://%s:8000/v1\n' "$SSH_HOST" "$SSH_HOST"
  printf 'Passwords:  ssh -i %q root@%s cat /root/ai-sandbox-credentials.txt\n' "$SSH_IDENTITY" "$SSH_HOST"
  printf 'Delete it:  scripts/cleanup-instance.sh --label %s\n' "$LABEL"
}

main() {
  help_asked "${BASH_SOURCE[0]}" "$@"
  parse_arguments "$@"
  choose_identity
  prepare
  if [[ $DRY_RUN == true ]]; then
    launch gpu ensure --stackscript ai-sandbox --authorized-keys "$SSH_IDENTITY.pub" "${ARGUMENTS[@]}"
    return
  fi
  step 'the instance' make_instance
  step 'the set-up on it' follow_set_up || give_up 4
  step 'the services' check_services || give_up 4
  sum_up
}

main "$@"
