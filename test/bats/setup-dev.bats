#!/usr/bin/env bats
# scripts/setup-dev.sh: what it installs, what it leaves alone, what it says.

load helper

setup() {
  make_checkout
  export LAUNCH_TOOLS_DIR="$BATS_TEST_TMPDIR/the tools"
  unset CI
}

set_up() {
  with_stubs bash "$CHECKOUT/scripts/setup-dev.sh" "$@"
}

# A Go that builds a program in the time a test has.
stub_go() {
  stub go <<'GO'
if [[ $1 == env ]]; then echo "${FAKE_GO_VERSION:-go1.26.1}"; exit; fi
sleep "${FAKE_GO_SECONDS:-0}"
if [[ -n ${FAKE_GO_ERROR:-} ]]; then echo "$FAKE_GO_ERROR" >&2; exit 1; fi
name=${!#}
name=${name%%@*}
mkdir -p "$GOBIN"
printf '#!/bin/sh\necho built\n' >"$GOBIN/${name##*/}"
chmod +x "$GOBIN/${name##*/}"
GO
}

builds() {
  calls_of go | grep -c '^install' || true
}

@test "--help prints the header comment" {
  run -0 set_up --help
  assert_equal "${lines[0]}" 'Install what the tests, the linters and the demo need.'
  assert_contains "$output" '--print-env'
  assert_lacks "$output" 'set -euo'
}

@test "an unknown option or group is a usage error that lists the groups" {
  run -2 set_up --onyl node
  assert_contains "$output" "unknown option '--onyl'"
  run -2 set_up --only node,dokcer
  assert_contains "$output" "unknown group 'dokcer'"
  assert_contains "$output" 'base node npm docker linters act secrets databases'
}

@test "a tool is built once, and the second run says only that it is there" {
  stub_go
  run -0 set_up --only act
  assert_contains "$output" '==> act v'
  [[ -x $(echo "$LAUNCH_TOOLS_DIR"/act-v*/bin/act) ]]
  run -0 set_up --only act
  assert_lacks "$output" '==>'
  assert_contains "$output" 'ready: act'
  assert_equal "$(builds)" 1
  run -0 set_up --quiet --only act
  assert_equal "$output" ''
}

@test "no half-built folder stays behind" {
  stub_go
  set_up --only act
  run -0 find "$LAUNCH_TOOLS_DIR" -maxdepth 1 -name '.work.*'
  assert_equal "$output" ''
}

@test "two set-ups at once build once" {
  stub_go
  FAKE_GO_SECONDS=1 set_up --only act &
  first=$!
  FAKE_GO_SECONDS=1 set_up --only act
  wait "$first"
  assert_equal "$(builds)" 1
}

@test "a failed build is reported with its reason, recorded, and leaves nothing in place" {
  stub_go
  FAKE_GO_ERROR='disk on fire' run -0 set_up --only act
  assert_contains "$output" 'disk on fire'
  assert_contains "$output" 'MISSING act: go install failed'
  assert_contains "$(cat "$LAUNCH_TOOLS_DIR/missing")" 'MISSING act:'
  run -0 find "$LAUNCH_TOOLS_DIR" -maxdepth 1 -name '*act*'
  assert_equal "$output" ''

  run -0 set_up --only act
  [[ ! -e $LAUNCH_TOOLS_DIR/missing ]]
}

@test "in CI a missing tool is an error" {
  stub_go
  CI=true FAKE_GO_ERROR='disk on fire' run -1 set_up --only act
  assert_contains "$output" 'MISSING act:'
}

@test "a Go that is too old is named, with the remedy" {
  stub_go
  FAKE_GO_VERSION=go1.19.8 run -0 set_up --only act
  assert_contains "$output" 'Go 1.19.8 is too old. Install Go 1.25 or later'
  assert_equal "$(builds)" 0
}

@test "npm dependencies that match their stamp are left alone" {
  stub npm <<<'exit 1'
  run -0 set_up --only npm
  assert_equal "$(calls_of npm)" ''
}

@test "dependencies that are as locked need no install, whoever installed them" {
  stub npm <<<'exit 1'
  packages='{"": {}, "node_modules/a": {"version": "1.0.0", "integrity": "sha512-a"},
    "node_modules/b-win32": {"version": "1.0.0", "optional": true}}'
  lock_of "$packages" >"$CHECKOUT/package-lock.json"
  lock_of '{"node_modules/a": {"version": "1.0.0", "integrity": "sha512-a"}}' \
    >"$CHECKOUT/node_modules/.package-lock.json"
  run -0 set_up --only npm
  assert_equal "$(calls_of npm)" ''
}

@test "a changed lock means npm ci without scripts" {
  stub npm <<<'exit 0'
  lock_of '{"": {}, "node_modules/a": {"version": "1.0.1"}}' >"$CHECKOUT/package-lock.json"
  run -0 set_up --only npm
  assert_contains "$(calls_of npm)" 'ci --ignore-scripts'
}

@test "a failed npm ci says why" {
  stub npm <<<'echo "npm error no such version" >&2; exit 1'
  lock_of '{"": {}, "node_modules/a": {"version": "1.0.1"}}' >"$CHECKOUT/package-lock.json"
  run -0 set_up --only npm
  assert_contains "$output" 'npm error no such version'
  assert_contains "$output" 'MISSING npm:'
}

@test "this repository's lock names every platform's builds, so that npm ci takes it anywhere" {
  run -0 node "$REPO/scripts/lib/complete-lock.mjs" --check
}

@test "a build that the registry did not offer is added to the lock, with its platform" {
  lock_of '{"": {}, "node_modules/a": {"version": "1.0.0", "dev": true, "optionalDependencies":
    {"@a/core-linux-x64-musl": "1.0.0", "@a/core-linux-x64-gnu": "1.0.0"}},
    "node_modules/@a/core-linux-x64-gnu": {"version": "1.0.0", "optional": true}}' >"$CHECKOUT/package-lock.json"
  run -1 node "$CHECKOUT/scripts/lib/complete-lock.mjs" --check
  assert_contains "$output" 'lacks @a/core-linux-x64-musl@1.0.0'
  run -0 node "$CHECKOUT/scripts/lib/complete-lock.mjs"
  run -0 node "$CHECKOUT/scripts/lib/complete-lock.mjs" --check
  run -0 jq -c '.packages["node_modules/@a/core-linux-x64-musl"]' "$CHECKOUT/package-lock.json"
  assert_equal "$output" '{"version":"1.0.0","cpu":["x64"],"dev":true,"libc":["musl"],"optional":true,"os":["linux"]}'
}

@test "a Node whose archive is not the pinned one is refused" {
  stub node <<<'echo v20.1.0'
  stub npm <<'NPM'
while (($#)); do [[ $1 != --pack-destination ]] || folder=$2; spec=$1; shift; done
echo 'something else' >"$folder/${spec/@/-}.tgz"
NPM
  run -0 set_up --only node
  assert_contains "$output" 'has integrity sha512-'
  assert_contains "$output" 'MISSING node:'
  run -0 find "$LAUNCH_TOOLS_DIR" -name node -type f
  assert_equal "$output" ''
}

@test "--print-env installs nothing and adds no empty entry to PATH" {
  rm -r "$CHECKOUT/node_modules"
  run -0 set_up --print-env
  assert_lacks "$output" 'PATH='"''"
  [[ ! -e $LAUNCH_TOOLS_DIR ]]

  stub_go
  set_up --only act
  eval "$(set_up --print-env)"
  assert_equal "$(act)" built
}
