#!/usr/bin/env bats
# .ci/run: every step is run and counted, the last line is the totals alone.

load helper

setup() {
  make_checkout
  unset CI
  steps lint=true typecheck=true check:generated=true check:dist=true check:workflows=true \
    test='echo 3 passed, 0 failed'
  # The real npm for the steps, an answer of our own for the audit.
  NPM=$(command -v npm)
  stub npm <<NPM
if [[ \$1 == audit ]]; then cat "$BATS_TEST_TMPDIR/audit.json"; exit 1; fi
exec "$NPM" "\$@"
NPM
  audit_finds '{}' 0
}

# NAME=COMMAND... as the scripts of the package.
steps() {
  node -e '
    const scripts = Object.fromEntries(process.argv.slice(2).map((s) => [s.slice(0, s.indexOf("=")), s.slice(s.indexOf("=") + 1)]));
    require("node:fs").writeFileSync(process.argv[1], JSON.stringify({ name: "fixture", version: "1.0.0", type: "module", scripts }));
  ' "$CHECKOUT/package.json" "$@"
}

# $1 what is vulnerable, $2 how many of them are high.
audit_finds() {
  printf '{"vulnerabilities": %s, "metadata": {"vulnerabilities": {"info": 0, "low": 1, "moderate": 0, "high": %d, "critical": 0}}}' \
    "$1" "$2" >"$BATS_TEST_TMPDIR/audit.json"
}

ci_run() {
  with_stubs "$CHECKOUT/.ci/run"
}

@test "all green: steps and tests are added up" {
  run -0 ci_run
  # set-up, five steps and the audit, and three tests.
  assert_equal "${lines[-1]}" '10 passed, 0 failed'
}

@test "a failed step does not keep the later ones from running" {
  steps lint=false typecheck=true check:generated=true check:dist=false check:workflows=true \
    test='echo 3 passed, 2 failed, 1 skipped; exit 1'
  run -1 ci_run
  assert_equal "${lines[-1]}" '8 passed, 4 failed'
  assert_contains "$output" 'FAILED   lint'
  assert_contains "$output" 'passed   check:workflows'
}

@test "a step that does not exist is a failed step" {
  steps lint=true typecheck=true check:generated=true check:dist=true test='echo 3 passed, 0 failed'
  run -1 ci_run
  assert_contains "$output" 'Missing script: "check:workflows"'
  assert_equal "${lines[-1]}" '9 passed, 1 failed'
}

@test "tests that end without totals, or red with none failed, are a failure" {
  steps lint=true typecheck=true check:generated=true check:dist=true check:workflows=true test='echo crashed; exit 1'
  run -1 ci_run
  assert_equal "${lines[-1]}" '7 passed, 1 failed'
  steps lint=true typecheck=true check:generated=true check:dist=true check:workflows=true \
    test='echo 0 passed, 0 failed; exit 1'
  run -1 ci_run
  assert_equal "${lines[-1]}" '7 passed, 1 failed'
}

@test "a vulnerable dependency fails, by name" {
  audit_finds '{"left-pad": {"name": "left-pad", "severity": "high", "range": "<1.3"}}' 1
  run -1 ci_run
  assert_contains "$output" 'high: left-pad <1.3'
  assert_equal "${lines[-1]}" '9 passed, 1 failed'
}

@test "a registry without audits is said aloud and fails nothing" {
  printf '{"message": "405 Method Not Allowed", "error": {"summary": ""}}' >"$BATS_TEST_TMPDIR/audit.json"
  run -0 ci_run
  assert_contains "$output" 'NOT AUDITED'
  assert_equal "${lines[-1]}" '9 passed, 0 failed'
}

@test "steps run with CI=true" {
  # shellcheck disable=SC2016 # the step expands it
  steps lint='test "$CI" = true' typecheck=true check:generated=true check:dist=true check:workflows=true \
    test='echo 3 passed, 0 failed'
  run -0 ci_run
}
