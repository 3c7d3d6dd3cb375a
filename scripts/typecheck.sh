#!/usr/bin/env bash
# Check the types of everything: this repository's own code, and each worker of services/ by itself,
# since workers run on another platform than Node.
#
# Usage: scripts/with-tools.sh --only node,npm -- scripts/typecheck.sh
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib/log.sh
source "$ROOT/scripts/lib/log.sh"

main() {
  local project failed=0 projects=(.)
  case ${1:-} in
    '') ;;
    -h | --help)
      print_help "${BASH_SOURCE[0]}"
      exit 0
      ;;
    *) usage_error "unknown option '$1'" ;;
  esac
  cd "$ROOT"
  shopt -s nullglob
  projects+=(services/*/tsconfig.json)
  for project in "${projects[@]}"; do
    tsc -p "$project" || failed=1
  done
  ((failed == 0)) && say "checked ${#projects[@]} projects"
}

main "$@"
