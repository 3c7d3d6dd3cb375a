#!/usr/bin/env bash
# Ask a sandbox from outside: does it answer, and only as it should?
#
# Usage: scripts/validate-services.sh (--label NAME | --host ADDRESS) [OPTION...]
#
#   --label NAME        the instance of that label; reads LINODE_TOKEN
#   --host ADDRESS      a host that is not at Linode, or without a token
#   --help              this text
#   OPTION              any option of `launch gpu check`, such as --api-key-file FILE, --json
#
# Open WebUI on port 3000 has to answer, the API on port 8000 has to ask for a
# key, and nothing else of it may be reachable. With a key it also has to answer
# a chat. The key is in /root/ai-sandbox-credentials.txt on the host.
#
# Exit: 0 all is well, 1 something is not, 2 wrong usage.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib/gpu.sh
source "$ROOT/scripts/lib/gpu.sh"

main() {
  local host='' arguments=()
  help_asked "${BASH_SOURCE[0]}" "$@"
  while (($#)); do
    case $1 in
      --label | --host) (($# > 1)) || usage_error "$1 needs a value" ;;
    esac
    case $1 in
      --label)
        LABEL=$2
        shift
        ;;
      --host)
        host=$2
        shift
        ;;
      *) arguments+=("$1") ;;
    esac
    shift
  done
  [[ -n $host || -n $LABEL ]] || usage_error 'which one? Give --label NAME or --host ADDRESS'
  require_node
  if [[ -z $host ]]; then
    prepare
    look
    host=$(json_field "$WORK_DIR/instance" instance.ipv4)
    [[ -n $host ]] || die "there is no instance $LABEL that has an address"
  fi
  launch gpu check --host "$host" "${arguments[@]}"
}

main "$@"
