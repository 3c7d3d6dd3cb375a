#!/usr/bin/env bash
# Make a GPU instance at Linode, or find the one of that label.
#
# Usage: scripts/create-instance.sh --label NAME [--keep] [OPTION...]
#
#   --label NAME   its label; by it the instance is found again, whatever happens
#   --keep         leave it there when something fails, or at Ctrl-C
#   --help         this text
#   OPTION         any option of `launch gpu ensure`, such as --ttl 4h, --types, --regions, --stackscript,
#                  --authorized-keys, --firewall, --max-hourly-cost, --dry-run
#
# Reads LINODE_TOKEN. Without --ttl the instance stays, and bills, until you delete it.
#
# Exit: 0 it is there, 1 failed; the message says whether something is
# there, and bills, 2 wrong usage.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib/gpu.sh
source "$ROOT/scripts/lib/gpu.sh"

main() {
  help_asked "${BASH_SOURCE[0]}" "$@"
  take_instance_arguments "$@"
  become_ensure "${ARGUMENTS[@]}"
}

main "$@"
