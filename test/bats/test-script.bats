#!/usr/bin/env bats
# scripts/test.sh: the totals are true, and red is red.

load helper

setup() {
  make_checkout
  unset CI COVERAGE
  # Real jest, by a link: what it needs is beside the file the link leads to.
  ln -s "$REPO/node_modules/jest" "$CHECKOUT/node_modules/jest"
  cat >"$CHECKOUT/jest.config.mjs" <<'CONFIG'
const project = (displayName) => ({
  displayName, testMatch: [`<rootDir>/test/${displayName}/**/*.test.mjs`], transform: {},
  moduleFileExtensions: ['mjs', 'js'],
});
export default { projects: ['unit', 'integration', 'e2e'].map(project) };
CONFIG
}

# $1 the file below test/, its content on stdin.
test_file() {
  mkdir -p "$CHECKOUT/test/$(dirname "$1")"
  cat >"$CHECKOUT/test/$1"
}

# The totals alone: progress is on stderr.
run_tests() {
  with_stubs bash "$CHECKOUT/scripts/test.sh" "$@" 2>"$BATS_TEST_TMPDIR/progress"
}

@test "passed and failed tests of every kind are added up" {
  test_file unit/a.test.mjs <<<'test("a", () => {}); test("b", () => {});'
  test_file e2e/c.test.mjs <<<'test("c", () => { expect(1).toBe(2); });'
  test_file bats/d.bats <<<$'@test "d" { true; }\n@test "e" { false; }'
  run -1 run_tests
  assert_equal "${lines[-1]}" '3 passed, 2 failed'
}

@test "skipped tests are named in the totals, and only then" {
  test_file unit/a.test.mjs <<<'test("a", () => {}); test.skip("b", () => {}); test.todo("c");'
  test_file bats/d.bats <<<'@test "d" { skip "no reason"; }'
  run -0 run_tests
  assert_equal "${lines[-1]}" '1 passed, 0 failed, 3 skipped'
}

@test "a suite that does not load is a failure" {
  test_file unit/a.test.mjs <<<'test("a", () => {});'
  test_file unit/b.test.mjs <<<'this is not JavaScript'
  run -1 run_tests
  assert_equal "${lines[-1]}" '1 passed, 1 failed'
}

@test "bats runs beside jest, and ends with the tests when they are ended" {
  export NOTE=$BATS_TEST_TMPDIR/of
  test_file e2e/a.test.mjs <<'TEST'
import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
test('ends the tests as soon as bats is at work', async () => {
  for (let left = 300; left > 0 && !existsSync(process.env.NOTE); left -= 1) await sleep(100);
  writeFileSync(`${process.env.NOTE}.met`, '');
  process.kill(process.ppid, 'SIGTERM');
}, 60000);
TEST
  test_file bats/d.bats <<<'@test "d" { echo $BASHPID >"$NOTE.new"; mv "$NOTE.new" "$NOTE"; sleep 60; }'
  run -143 run_tests
  [[ -e $NOTE.met ]]
  for _ in {1..50}; do
    kill -0 "$(<"$NOTE")" 2>/dev/null || return 0
    sleep 0.1
  done
  false
}

@test "nothing to run is not a success" {
  run -1 run_tests
  assert_equal "${lines[-1]}" '0 passed, 0 failed'
  assert_contains "$(<"$BATS_TEST_TMPDIR/progress")" 'no test ran'
}

@test "arguments go to jest, and only jest runs" {
  test_file unit/a.test.mjs <<<'test("first thing", () => {}); test("second thing", () => {});'
  test_file bats/d.bats <<<'@test "d" { false; }'
  run -0 run_tests --testNamePattern 'first thing'
  assert_equal "${lines[-1]}" '1 passed, 0 failed, 1 skipped'
}

@test "a missing tool is a failure in CI, and the tests run all the same" {
  test_file unit/a.test.mjs <<<'test("a", () => {});'
  stub npm <<<'exit 1'
  lock_of '{"": {}, "node_modules/a": {"version": "1.0.1"}}' >"$CHECKOUT/package-lock.json"
  CI=true run -1 run_tests
  assert_equal "${lines[-1]}" '1 passed, 1 failed'
  assert_contains "$(<"$BATS_TEST_TMPDIR/progress")" 'MISSING npm'
}
