#!/usr/bin/env bash
# Make a GPU instance with the AI sandbox, and wait until it answers.
#
# Usage: scripts/deploy-direct.sh --label NAME [--keep] [OPTION...]
#
#   --label NAME   its label; by it the instance is found again, whatever happens
#   --keep         leave it there when something fails, or at Ctrl-C
#   --help         this text
#   OPTION         any option of `launch gpu ensure`, such as --ttl 4h, --authorized-keys ~/.ssh/id_ed25519.pub,
#                  --stackscript-data @secrets.env, --max-hourly-cost 1, --dry-run
#
# Reads LINODE_TOKEN. Needs no SSH: it asks the services from here, so that this
# machine's address has to be among those of --firewall (the default).
#
# Exit: 0 it answers, 1 failed; the message says whether something is
# there, and bills, 2 wrong usage.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib/gpu.sh
source "$ROOT/scripts/lib/gpu.sh"

main() {
  help_asked "${BASH_SOURCE[0]}" "$@"
  take_instance_arguments "$@"
  become_ensure --stackscript ai-sandbox --wait-for services "${ARGUMENTS[@]}"
}

main "$@"
