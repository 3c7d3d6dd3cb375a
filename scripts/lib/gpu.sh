# shellcheck shell=bash
# GPU instances, by `launch gpu`. Sourced after log.sh and tools.sh; expects ROOT.
#
# What a script has made it also takes away when it fails or is interrupted,
# unless it is told to keep it. The exit status says what is left:
#   0 fine, 1 failed and nothing is left, 2 wrong usage, 3 failed and what was
#   made is deleted again, 4 failed and what was made is there, and bills.

WORK_DIR=
LABEL=
KEEP=false
# Whether the instance of this label is one that this script has made.
MADE=false
INTERRUPTED=false
CHILD=

require_node() {
  use_tools
  node_on_path_suffices ||
    die "this takes Node $NODE_MINIMUM or later. Run scripts/setup-dev.sh --only node, or put a newer Node on PATH."
}

require_token() {
  [[ -n ${LINODE_TOKEN:-} ]] ||
    die 'LINODE_TOKEN is not set. Make a token at https://cloud.linode.com/profile/tokens, and: read -rs LINODE_TOKEN; export LINODE_TOKEN'
}

launch() {
  node "$ROOT/dist/cli/index.js" "$@"
}

# A private folder, and a way out in good order.
begin() {
  WORK_DIR=$(mktemp -d)
  trap 'clean_up' EXIT
  trap 'interrupt' INT TERM HUP
}

clean_up() {
  rm -rf -- "$WORK_DIR"
}

interrupt() {
  # Once more: whoever presses Ctrl-C twice wants to be gone.
  if [[ $INTERRUPTED == true ]]; then
    [[ $MADE == false ]] || warn_of_cost
    exit 4
  fi
  INTERRUPTED=true
  # The command ends in good order, and whoever has started it goes on from there.
  if [[ -n $CHILD ]]; then kill -TERM -- "-$CHILD" 2>/dev/null || true; else give_up 1; fi
}

# Runs a command that hears of a signal at once, in a process group of its own:
# bash would tell it nothing, and wait for its end.
attended() {
  local status=0
  set -m
  "$@" </dev/null &
  CHILD=$!
  set +m
  # A signal ends the waiting, not the command.
  while :; do
    status=0
    wait "$CHILD" || status=$?
    kill -0 "$CHILD" 2>/dev/null || break
  done
  CHILD=
  [[ $INTERRUPTED == false ]] || status=1
  return "$status"
}

warn_of_cost() {
  say "$LABEL may still be there, and bills. Delete it: scripts/cleanup-instance.sh --label $LABEL"
}

# $1 the status of what has failed. Takes away what this script has made, and ends it.
give_up() {
  [[ $MADE == true ]] || exit "$1"
  if [[ $KEEP == true ]]; then
    say "$LABEL is kept, and bills. Delete it: scripts/cleanup-instance.sh --label $LABEL"
    exit 4
  fi
  say "==> deleting $LABEL, which this script has made"
  # The first Ctrl-C was for what came before.
  INTERRUPTED=true
  if launch gpu delete --label "$LABEL" --yes >&2; then exit 3; fi
  warn_of_cost
  exit 4
}
