# shellcheck shell=bash disable=SC2034 # the scripts read what is set here
# GPU instances, by `launch gpu`. Expects ROOT, the root of the checkout.
#
# What a script has made it also takes away when it fails or is interrupted,
# unless it is told to keep it. The exit status says what is left:
#   0 fine, 1 failed and nothing is left, 2 wrong usage, 3 failed and what was
#   made is deleted again, 4 failed and what was made is there, and bills.

# shellcheck source=scripts/lib/log.sh
source "$ROOT/scripts/lib/log.sh"
# shellcheck source=scripts/lib/tools.sh
source "$ROOT/scripts/lib/tools.sh"

WORK_DIR=
LABEL=
KEEP=false
# Whether the instance of this label is one that this script has made.
MADE=false
INTERRUPTED=false
CHILD=
# Further options of `launch gpu ensure`.
ARGUMENTS=()
DRY_RUN=false

require_node() {
  use_tools
  node_on_path_suffices ||
    die "this takes Node $NODE_MINIMUM or later. Run scripts/setup-dev.sh --only node, or put a newer Node on PATH."
}

require_token() {
  [[ -n ${LINODE_TOKEN:-} ]] ||
    usage_error 'LINODE_TOKEN is not set. Make a token at https://cloud.linode.com/profile/tokens, and: read -rs LINODE_TOKEN; export LINODE_TOKEN'
}

# $1 the script, then its arguments.
help_asked() {
  local argument
  for argument in "${@:2}"; do
    [[ $argument == --help || $argument == -h ]] || continue
    print_help "$1"
    exit 0
  done
}

prepare() {
  require_node
  require_token
  begin
}

launch() {
  node "$ROOT/dist/cli/index.js" "$@"
}

# Hands over to `launch gpu ensure`, with these arguments: it cleans up by itself,
# and knows best what is its own.
become_ensure() {
  require_node
  require_token
  exec node "$ROOT/dist/cli/index.js" gpu ensure "$@"
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
  # It may have ended well all the same; the script has not.
  [[ $INTERRUPTED == false ]] || ((status != 0)) || status=1
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

# Splits a command line into LABEL and ARGUMENTS, which are for `launch gpu
# ensure`; --keep is our word for its --on-failure keep, and ours is to delete.
take_instance_arguments() {
  local arguments=()
  while (($#)); do
    case $1 in
      --label)
        (($# > 1)) || usage_error '--label needs a value'
        LABEL=$2
        shift
        ;;
      --label=*) LABEL=${1#*=} ;;
      --keep) KEEP=true ;;
      --on-failure*) usage_error 'what was made is deleted when something fails; --keep leaves it' ;;
      *)
        [[ $1 != --dry-run ]] || DRY_RUN=true
        arguments+=("$1")
        ;;
    esac
    shift
  done
  [[ -n $LABEL ]] || usage_error 'which label? Give --label NAME'
  ARGUMENTS=(--label "$LABEL" --on-failure delete "${arguments[@]}")
  [[ $KEEP == false ]] || ARGUMENTS=(--label "$LABEL" --on-failure keep "${arguments[@]}")
}

# A field of what `launch gpu --json` has written to the file $1, such as
# instance.ipv4; nothing when it has none, or wrote nothing.
json_field() {
  node -e '
    const { readFileSync } = require("node:fs");
    const text = readFileSync(process.argv[1], "utf8") || "{}";
    const value = process.argv[2].split(".").reduce((it, key) => it?.[key], JSON.parse(text));
    process.stdout.write(String(value ?? ""));
  ' "$1" "$2"
}

# What Linode says of the instance of LABEL now; the status `absent` when there is none.
look() {
  launch gpu status --label "$LABEL" --json >"$WORK_DIR/instance"
}
