#!/usr/bin/env bash
# Ask the test service for its page. Exit 0 when it is the right one, else 1 with
# the reason on stderr. Asks once: Launch repeats it until its time is up.
set -euo pipefail

readonly URL=http://127.0.0.1:${TEST_SERVICE_PORT:-8080}/
readonly EXPECTED='Launch test service'

fail() {
  printf 'unhealthy: %s\n' "$1" >&2
  exit 1
}

main() {
  local page
  page=$(curl --fail --silent --show-error --max-time 5 "$URL" 2>&1) || fail "$URL: $page"
  [[ $page == *"$EXPECTED"* ]] || fail "$URL answers, but its page does not say \"$EXPECTED\""
  printf 'healthy: %s\n' "$URL"
}

main "$@"
