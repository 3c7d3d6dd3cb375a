#!/usr/bin/env bash
# Run a command with the development tools: Node 24 as `node`, the pinned tools
# and this checkout's npm programs first on PATH. Installs what is lacking first.
#
# Usage: scripts/with-tools.sh [--only GROUP[,GROUP...]] [--] COMMAND [ARGUMENT...]
#
# Options:
#   --only    what the command needs, see scripts/setup-dev.sh --help (default: all)
#   --help    this text
#
# The command runs in the current folder; its exit status is this script's.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib/log.sh
source "$ROOT/scripts/lib/log.sh"
# shellcheck source=scripts/lib/tools.sh
source "$ROOT/scripts/lib/tools.sh"

main() {
  local setup=(--quiet)
  while (($#)); do
    case $1 in
      --only)
        (($# > 1)) || usage_error '--only needs a group'
        setup+=("--only=$2")
        shift
        ;;
      --only=*) setup+=("$1") ;;
      -h | --help)
        print_help "${BASH_SOURCE[0]}"
        exit 0
        ;;
      --)
        shift
        break
        ;;
      -*) usage_error "unknown option '$1'" ;;
      *) break ;;
    esac
    shift
  done
  (($#)) || usage_error 'which command?'

  # A set-up that says what is missing and why has said all there is to say.
  bash "$ROOT/scripts/setup-dev.sh" "${setup[@]}" || exit 1
  use_tools
  exec "$@"
}

main "$@"
