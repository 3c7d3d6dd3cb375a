#!/usr/bin/env bash
# Start the test service. Launch runs this as the start step of a deployment; by
# hand it works as well: services/test-service/deploy.sh
set -euo pipefail

main() {
  local folder
  folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
  exec "$folder/../../scripts/deploy-docker.sh" "$@" "$folder"
}

main "$@"
