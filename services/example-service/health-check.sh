#!/usr/bin/env bash
# Exit 0 when the service is healthy, else 1 with the reason on stderr. Asks once:
# Launch repeats it until its time is up. Remove it when `health` in service.yml
# says all there is to say.
set -euo pipefail

readonly URL=http://127.0.0.1:${EXAMPLE_PORT:-8090}/

main() {
  local answer
  if ! answer=$(curl --fail --silent --show-error --max-time 5 "$URL" 2>&1); then
    printf 'unhealthy: %s: %s\n' "$URL" "$answer" >&2
    exit 1
  fi
  printf 'healthy: %s\n' "$URL"
}

main "$@"
