#!/bin/sh
# Stands in for a service. Settings, all by environment:
#   PORT=3000        where it listens
#   VERSION=1        what / and /version answer
#   BOOT_SECONDS=0   how long it takes before it listens
#   CRASH_AFTER=     seconds after its start at which it exits with status 1
#   HEALTHY=true     false: /health answers 500
# It answers /, /version, /health and /env (the names of its environment).
trap 'echo "app: stopping"; exit 0' TERM INT
trap 'echo "app: crashing, as CRASH_AFTER=$CRASH_AFTER says" >&2; exit 1' USR1

# `wait` ends at a signal, a plain `sleep` would hold it back.
pause() {
  sleep "$1" &
  wait "$!"
}

if [ -n "$CRASH_AFTER" ]; then
  (sleep "$CRASH_AFTER" && kill -USR1 "$$") &
fi
echo "app: version ${VERSION:-1} starts"
pause "${BOOT_SECONDS:-0}"
echo "app: listening on port ${PORT:-3000}"
# Two l: a process for each connection. Every further one adds a place in the
# queue of connections, which with two alone is full at once under load.
nc "-$(printf 'l%.0s' $(seq 128))" -p "${PORT:-3000}" -e /usr/local/bin/answer &
wait "$!"
