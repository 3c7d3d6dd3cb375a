# shellcheck shell=bash
# Shared by the bats suites: a checkout of its own, and stand-in programs for
# what would reach the network.

bats_require_minimum_version 1.5.0

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# A copy of the scripts with a package of no dependencies, set up already.
make_checkout() {
  CHECKOUT="$BATS_TEST_TMPDIR/a checkout"
  STUBS=$BATS_TEST_TMPDIR/stubs
  mkdir -p "$CHECKOUT/node_modules" "$STUBS"
  cp -R "$REPO/scripts" "$REPO/.ci" "$CHECKOUT"
  printf '{"name": "fixture", "version": "1.0.0", "type": "module"}\n' >"$CHECKOUT/package.json"
  lock_of '{}' >"$CHECKOUT/package-lock.json"
  lock_of '{}' >"$CHECKOUT/node_modules/.package-lock.json"
  stamp_npm
}

stamp_npm() {
  cat "$CHECKOUT/package-lock.json" "$CHECKOUT/node_modules/.package-lock.json" |
    sha256sum | cut -d ' ' -f 1 >"$CHECKOUT/node_modules/.launch-lock"
}

# $1 the packages as JSON.
lock_of() {
  printf '{"name": "fixture", "version": "1.0.0", "lockfileVersion": 3, "packages": %s}\n' "$1"
}

# A program that is found first; its body comes on stdin. Calls are counted.
stub() {
  {
    printf '#!/usr/bin/env bash\nprintf "%%s\\n" "$*" >>%q\n' "$STUBS/$1.calls"
    cat
  } >"$STUBS/$1"
  chmod +x "$STUBS/$1"
}

calls_of() {
  cat "$STUBS/$1.calls" 2>/dev/null || true
}

# Bats' own variables would confuse a bats that a script starts.
with_stubs() {
  env -u BATS_TMPDIR -u BATS_RUN_TMPDIR -u BATS_SUITE_TMPDIR -u BATS_ROOT -u BATS_LIBEXEC \
    "PATH=$STUBS:$PATH" "$@" 3>&-
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Waits until a command succeeds, for 20 s at most.
eventually() {
  local tries
  for ((tries = 0; tries < 200; tries++)); do
    "$@" && return
    sleep 0.1
  done
  fail "never: $*"
}

fail() {
  printf '%s\n' "$@" >&2
  return 1
}

assert_contains() {
  [[ $1 == *"$2"* ]] || fail "expected to find: $2" "in: $1"
}

assert_lacks() {
  [[ $1 != *"$2"* ]] || fail "expected not to find: $2" "in: $1"
}

assert_equal() {
  [[ $1 == "$2" ]] || fail "expected: $2" "got:      $1"
}

# As requireTools in the jest suites: aloud for a person, a failure in CI.
require_docker() {
  docker version >/dev/null 2>&1 && return
  [[ ${CI:-} != true ]] || fail 'no Docker Engine answers. Run scripts/setup-dev.sh --only docker.'
  skip 'no Docker Engine answers'
}
