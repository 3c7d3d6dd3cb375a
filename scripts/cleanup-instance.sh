#!/usr/bin/env bash
# Delete a GPU instance, and the firewall that Launch has made for it.
#
# Usage: scripts/cleanup-instance.sh (--label NAME | --id NUMBER) [--yes]
#        scripts/cleanup-instance.sh --expired [--dry-run]
#
#   --label, --id   which one; `launch gpu status` lists them
#   --yes           do not ask first
#   --expired       every instance whose --ttl is over (`launch gpu reap`)
#   --dry-run       with --expired: list them, and delete nothing
#   --help          this text
#
# Reads LINODE_TOKEN. What is on the instance is gone with it. Powering it off
# instead would not help: Linode bills an instance until it is deleted.
#
# Exit: 0 it is gone, 1 failed, 2 wrong usage.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib/gpu.sh
source "$ROOT/scripts/lib/gpu.sh"

main() {
  local argument arguments=() operation=delete
  help_asked "${BASH_SOURCE[0]}" "$@"
  for argument in "$@"; do
    if [[ $argument == --expired ]]; then operation=reap; else arguments+=("$argument"); fi
  done
  require_node
  require_token
  launch gpu "$operation" "${arguments[@]}"
}

main "$@"
