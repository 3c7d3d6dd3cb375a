#!/usr/bin/env bash
# Run a StackScript on a host that is there already, over SSH, and follow it.
#
# Usage: scripts/run-stackscript.sh [OPTION...] HOST
#        scripts/run-stackscript.sh --follow [OPTION...] HOST
#
#   HOST   its name or address; a GPU host with Ubuntu 24.04
#
# Options:
#   --script FILE             the script (default: stackscripts/ai-sandbox.sh)
#   --stackscript-data DATA   NAME=VALUE, or @FILE with such lines or a JSON object; may be repeated.
#                             A secret is taken from a file only: arguments are everybody's to see
#   --follow                  start nothing, follow what runs there
#   --no-follow               start it, and leave
#   --timeout SECONDS         how long it may take (default: 2700)
#   --user NAME               log in as (default: root); another one needs sudo without a password
#   --port N                  where SSH listens (default: 22)
#   --identity FILE           the private key (default: what ssh finds itself)
#   --known-hosts FILE        take only a host key that is in this file. Without it a key that is new is
#                             accepted and kept in ~/.ssh/known_hosts, and one that has changed is refused
#                             (StrictHostKeyChecking=accept-new)
#   --help                    this text
#
# The script does not depend on the connection: when that is cut, or ended by
# Ctrl-C, it goes on, and --follow looks at it again. While one runs, a second
# one is not started. Its values lie in a file for root only, until it has read
# them. What it prints is in /var/lib/launch-stackscript/run.*/output.log there.
#
# Exit: 0 ready (with --no-follow: started), 1 nothing was started, 2 wrong
# usage, 4 it was started, and has failed or is not ready in time.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib/gpu.sh
source "$ROOT/scripts/lib/gpu.sh"
# shellcheck source=scripts/lib/ssh.sh
source "$ROOT/scripts/lib/ssh.sh"

SCRIPT=$ROOT/stackscripts/ai-sandbox.sh
DATA=()
MODE=start
FOLLOW=true
TIMEOUT=2700

parse_arguments() {
  while (($#)); do
    case $1 in
      --script | --stackscript-data | --timeout) (($# > 1)) || usage_error "$1 needs a value" ;;
    esac
    case $1 in
      -h | --help)
        print_help "${BASH_SOURCE[0]}"
        exit 0
        ;;
      --script)
        SCRIPT=$2
        shift
        ;;
      --stackscript-data)
        DATA+=("$2")
        shift
        ;;
      --timeout)
        TIMEOUT=$2
        shift
        ;;
      --follow) MODE=follow ;;
      --no-follow) FOLLOW=false ;;
      -*)
        take_ssh_option "$@" || usage_error "unknown option '$1'"
        shift
        ;;
      *)
        [[ -z $SSH_HOST ]] || usage_error 'one host at a time'
        SSH_HOST=$1
        ;;
    esac
    shift
  done
  [[ -n $SSH_HOST ]] || usage_error 'which host?'
  [[ $TIMEOUT =~ ^[1-9][0-9]{0,5}$ ]] || usage_error "--timeout takes a number of seconds, not '$TIMEOUT'"
  check_ssh_options
  [[ $MODE == follow || -f $SCRIPT ]] || die "there is no script $SCRIPT"
}

main() {
  parse_arguments "$@"
  require_node
  begin
  if [[ $MODE == start ]]; then
    # Only root's values, and what is wrong with them, before the host hears anything.
    node "$ROOT/scripts/lib/stackscript-values.ts" "$SCRIPT" "${DATA[@]}" >"$WORK_DIR/values" || exit
    start_on_host "$SCRIPT" "$WORK_DIR/values"
    [[ $FOLLOW == true ]] || return 0
  fi
  local status=0
  follow_on_host "$TIMEOUT" || status=$?
  [[ $INTERRUPTED == false ]] ||
    say "It goes on there. To follow it again: scripts/run-stackscript.sh --follow $SSH_HOST"
  return "$status"
}

main "$@"
