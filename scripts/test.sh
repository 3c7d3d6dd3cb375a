#!/usr/bin/env bash
# Run all tests: jest (unit, integration and e2e, alone) and, beside the second, bats. Installs what they need first.
#
# Usage: scripts/test.sh [JEST ARGUMENT...]
#
# With arguments only jest runs, one suite after another, with those arguments:
#   npm test -- test/unit/core/names.test.ts
#   npm test -- --selectProjects integration
#
# Environment:
#   COVERAGE=true   write coverage to coverage/<unit|system|alone>
#   CI=true         a tool that can't be had is a failure, not a skipped test
#
# The last line is `N passed, N failed`, with `, N skipped` when there are any.
# Exit 1 when a test failed or none ran.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib/log.sh
source "$ROOT/scripts/lib/log.sh"
# shellcheck source=scripts/lib/tools.sh
source "$ROOT/scripts/lib/tools.sh"

WORK_DIR=
BATS_PID=
PASSED=0
FAILED=0
SKIPPED=0

clean_up() {
  [[ -z $BATS_PID ]] || kill -- "-$BATS_PID" 2>/dev/null || true
  [[ -z $WORK_DIR ]] || rm -rf -- "$WORK_DIR"
}

# A runner that ends badly without naming a failed test still counts as one.
add_counts() {
  local name=$1 status=$2 passed=$3 failed=$4 skipped=$5
  if ((status != 0 && failed == 0)); then
    failed=1
    say "FAILED $name: it ended with status $status and reported no failed test"
  fi
  PASSED=$((PASSED + passed)) FAILED=$((FAILED + failed)) SKIPPED=$((SKIPPED + skipped))
}

# A suite that does not even load has no failed test, and counts as one.
count_jest() {
  node -e '
    const { readFileSync } = require("node:fs");
    const r = JSON.parse(readFileSync(process.argv[1], "utf8"));
    console.log(r.numPassedTests, r.numFailedTests + r.numRuntimeErrorTestSuites,
      r.numPendingTests + r.numTodoTests);
  ' "$1" 2>/dev/null || echo 0 0 0
}

# $1 a name, then arguments for jest.
run_jest() {
  local name=$1 report=$WORK_DIR/$1.json status=0 counts arguments=("${@:2}")
  if [[ ${COVERAGE:-} == true ]]; then
    arguments+=(--coverage "--coverageDirectory=$ROOT/coverage/$name"
      --coverageReporters=lcov --coverageReporters=text-summary)
  fi
  node --experimental-vm-modules --disable-warning=ExperimentalWarning \
    "$ROOT/node_modules/jest/bin/jest.js" --json "--outputFile=$report" "${arguments[@]}" </dev/null >&2 ||
    status=$?
  read -r -a counts < <(count_jest "$report")
  add_counts "jest ($name)" "$status" "${counts[@]}"
}

count_lines() {
  grep -c -E "$1" "$2" || true
}

# In the background; what it says is told at the end.
start_bats() {
  # A group of its own, because what bats starts has to end with it.
  set -m
  # No pipe: a process that a test leaves behind must not keep this one waiting.
  bats --tap "$@" >"$WORK_DIR/bats.tap" 2>&1 </dev/null &
  BATS_PID=$!
  set +m
}

finish_bats() {
  local report=$WORK_DIR/bats.tap status=0 skipped passed failed planned
  say
  say '==> bats'
  wait "$BATS_PID" || status=$?
  BATS_PID=
  cat "$report" >&2
  skipped=$(count_lines '^ok .* # skip' "$report")
  passed=$(($(count_lines '^ok ' "$report") - skipped))
  failed=$(count_lines '^not ok ' "$report")
  planned=$(sed -n 's/^1\.\.//p' "$report" | head -n 1)
  # Tests that were planned and never reported have not passed.
  if ((${planned:-0} > passed + failed + skipped)); then failed=$((planned - passed - skipped)); fi
  add_counts bats "$status" "$passed" "$failed" "$skipped"
}

run_everything() {
  local suites
  say '==> jest: unit'
  run_jest unit --selectProjects unit --maxWorkers=2 --passWithNoTests
  shopt -s nullglob
  suites=("$ROOT"/test/bats/*.bats)
  if ((${#suites[@]})); then
    if command -v bats >/dev/null; then
      start_bats "${suites[@]}"
    else
      say 'MISSING bats: its tests do not run. Run scripts/setup-dev.sh --only linters.'
      SKIPPED=$((SKIPPED + ${#suites[@]}))
    fi
  fi
  say
  # Three at a time, though they share one Docker Engine: most of the time they wait.
  say '==> jest: integration and e2e'
  run_jest system --selectProjects integration e2e --maxWorkers=3 --passWithNoTests
  [[ -z $BATS_PID ]] || finish_bats
  say
  say '==> jest: what measures time, alone'
  run_jest alone --selectProjects alone --runInBand --passWithNoTests
}

print_totals() {
  local totals="$PASSED passed, $FAILED failed"
  ((SKIPPED == 0)) || totals+=", $SKIPPED skipped"
  ((PASSED + FAILED > 0)) || say 'no test ran'
  say
  printf '%s\n' "$totals"
}

main() {
  if [[ ${1:-} == --help || ${1:-} == -h ]]; then
    print_help "${BASH_SOURCE[0]}"
    exit 0
  fi
  # In CI a missing tool is a failure, and the tests that do not need it still run.
  bash "$ROOT/scripts/setup-dev.sh" --quiet || FAILED=1
  use_tools
  node_on_path_suffices || die "the tests need Node $NODE_MINIMUM, the reason for its absence is above"
  trap 'clean_up' EXIT
  WORK_DIR=$(mktemp -d)
  cd "$ROOT"

  if (($#)); then run_jest selected --runInBand "$@"; else run_everything; fi
  print_totals
  ((FAILED == 0 && PASSED > 0))
}

main "$@"
