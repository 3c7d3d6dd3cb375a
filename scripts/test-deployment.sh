#!/usr/bin/env bash
# Test a whole deployment with your own account: make an instance, set it up, ask
# its services, delete it, and see that it is gone. It costs what the instance
# costs for the time it takes, usually half an hour.
#
# Usage: scripts/test-deployment.sh --yes [--label NAME] [--keep] [OPTION...]
#
#   --yes          yes, this may cost money
#   --label NAME   the label (default: launch-test-<time>); must not be there yet
#   --keep         leave the instance there when the test fails
#   --help         this text
#   OPTION         any option of scripts/deploy-full.sh, such as --identity, --types, --max-hourly-cost
#
# Reads LINODE_TOKEN. The instance gets a deletion time in two hours, so that
# `launch gpu reap` takes it when this machine can't.
#
# Exit: 0 passed, 1 failed and nothing is left, 2 wrong usage, 3 failed and what
# was made is deleted again, 4 failed and what was made is there, and bills.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib/gpu.sh
source "$ROOT/scripts/lib/gpu.sh"

assert_absent() {
  look || true
  [[ $(json_field "$WORK_DIR/instance" status) == absent ]] || die "$1"
}

main() {
  local yes=false arguments=() argument started=$SECONDS
  help_asked "${BASH_SOURCE[0]}" "$@"
  for argument in "$@"; do
    if [[ $argument == --yes ]]; then yes=true; else arguments+=("$argument"); fi
  done
  [[ $yes == true ]] || usage_error 'this makes an instance that costs money. If that is all right: --yes'
  LABEL=launch-test-$(date -u +%m%d-%H%M%S)
  take_instance_arguments --label "$LABEL" "${arguments[@]}"
  [[ $DRY_RUN == false ]] || usage_error 'a test that changes nothing tests nothing; take scripts/deploy-full.sh --dry-run'
  prepare
  assert_absent "There is an instance $LABEL already. Take another label."

  say "==> test: deploy $LABEL"
  attended bash "$ROOT/scripts/deploy-full.sh" --ttl 2h "${arguments[@]}" --label "$LABEL" || exit
  MADE=true
  say '==> test: a second run finds it, and makes no other'
  attended launch gpu ensure --label "$LABEL" --stackscript ai-sandbox --json >"$WORK_DIR/second" ||
    give_up "$?"
  [[ $(json_field "$WORK_DIR/second" status) == adopted ]] || give_up 4
  say '==> test: delete it'
  launch gpu delete --label "$LABEL" --yes >&2 || give_up 4
  assert_absent "$LABEL is still there."
  say "passed in $(human_seconds "$((SECONDS - started))")"
}

main "$@"
