#!/usr/bin/env bash
# Start the service. Not needed for a compose file alone: Launch then starts the
# containers itself. Keep it where more has to be done, and remove it otherwise.
#
# Launch sets COMPOSE_PROJECT_NAME, COMPOSE_FILE, LAUNCH_SERVICE, LAUNCH_TARGET and
# LAUNCH_RELEASE; scripts/deploy-docker.sh does without them, too.
set -euo pipefail

main() {
  local folder
  folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
  exec "$folder/../../scripts/deploy-docker.sh" "$@" "$folder"
}

main "$@"
