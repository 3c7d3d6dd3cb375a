#!/usr/bin/env bats
# scripts/with-tools.sh: the command runs as it was given, with the tools.

load helper

setup() {
  make_checkout
  unset CI
}

with_tools() {
  with_stubs bash "$CHECKOUT/scripts/with-tools.sh" "$@"
}

@test "arguments arrive as they are" {
  run -0 with_tools --only node,npm -- printf '[%s]\n' 'two words' '' '*' --only "it's"
  assert_equal "$output" $'[two words]\n[]\n[*]\n[--only]\n[it\'s]'
}

@test "the command's exit status is passed on" {
  run -7 with_tools --only node -- bash -c 'exit 7'
}

@test "the command keeps its folder and its standard input" {
  cd "$BATS_TEST_TMPDIR"
  run -0 with_tools --only node -- bash -c 'pwd; cat' <<<'a line'
  assert_equal "$output" "$(pwd)"$'\na line'
}

@test "node is new enough, also where PATH has an old one" {
  stub node <<<'echo v20.1.0'
  run -0 with_tools --only node -- node -p 'Number(process.versions.node.split(".")[0]) >= 24'
  assert_equal "$output" true
}

@test "the checkout's npm programs are found" {
  mkdir -p "$CHECKOUT/node_modules/.bin"
  printf '#!/bin/sh\necho hello\n' >"$CHECKOUT/node_modules/.bin/greet"
  chmod +x "$CHECKOUT/node_modules/.bin/greet"
  run -0 with_tools --only node,npm greet
  assert_equal "$output" hello
}

@test "shellcheck is the system's own, not npm's" {
  mkdir -p "$CHECKOUT/node_modules/.bin"
  printf '#!/bin/sh\necho downloading\n' >"$CHECKOUT/node_modules/.bin/shellcheck"
  chmod +x "$CHECKOUT/node_modules/.bin/shellcheck"
  PATH=$CHECKOUT/node_modules/.bin:$PATH run -0 with_tools --only linters,npm shellcheck --version
  assert_contains "$output" 'ShellCheck - shell script analysis tool'
}

@test "one with-tools inside another adds nothing to PATH" {
  run -0 with_tools --only node -- printenv PATH
  once=$output
  run -0 with_tools --only node -- bash "$CHECKOUT/scripts/with-tools.sh" --only node -- printenv PATH
  assert_equal "$output" "$once"
}

@test "no command is a usage error" {
  run -2 with_tools --only node
  assert_contains "$output" 'which command?'
}
