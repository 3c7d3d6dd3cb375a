#!/usr/bin/env bash
# Exit 0 when the files are in their place, else 1 with the reason on stderr. Asks
# once: Launch repeats it until its time is up.
set -euo pipefail

readonly PLACE=$HOME/.local/share/$LAUNCH_SERVICE

main() {
  local folder difference
  folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
  if ! difference=$(diff -r "$folder/files" "$PLACE/current/" 2>&1); then
    printf 'unhealthy: %s\n' "$difference" >&2
    exit 1
  fi
  printf 'healthy: %s\n' "$PLACE/current"
}

main "$@"
