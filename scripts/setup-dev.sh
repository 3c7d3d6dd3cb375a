#!/usr/bin/env bash
# Install what the tests, the linters and the demo need.
#
# Usage: scripts/setup-dev.sh [--quiet] [--only GROUP[,GROUP...]]
#        scripts/setup-dev.sh --print-env
#
# Groups (all of them without --only):
#   base      git, jq, curl, ip, flock, systemd-analyze, CA certificates, sshd
#             (installed, not started)
#   node      Node 24, unless the one on PATH is as new
#   npm       this checkout's npm dependencies, without install scripts
#   docker    Docker Engine (started when it does not run), compose, static busybox,
#             Caddy (installed, not started)
#   linters   shellcheck, shfmt, bats, actionlint, zizmor
#   act       act, which runs workflows on this machine
#   secrets   sops and age, for encrypted secrets files
#   databases PostgreSQL with pgvector, FerretDB: what services/librechat is tested with
#
# Options:
#   --quiet       say only what is installed, started or missing
#   --print-env   install nothing; print `export` lines that put the tools on PATH:
#                 eval "$(scripts/setup-dev.sh --print-env)"
#   --help        this text
#
# Tools go to $LAUNCH_TOOLS_DIR (default ~/.cache/launch/tools), with their
# version in the folder's name; scripts/tool-versions.env pins the versions.
# Running it again costs nothing: what is there is left alone.
#
# A tool that can't be had is reported as `MISSING <tool>: why. remedy` and in
# $LAUNCH_TOOLS_DIR/missing. With CI=true that is an error (exit 1); otherwise
# exit 0, so that what can run without it runs.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib/log.sh
source "$ROOT/scripts/lib/log.sh"
# shellcheck source=scripts/lib/tools.sh
source "$ROOT/scripts/lib/tools.sh"
# shellcheck source=scripts/lib/packages.sh
source "$ROOT/scripts/lib/packages.sh"
# shellcheck source=scripts/lib/engine.sh
source "$ROOT/scripts/lib/engine.sh"
# shellcheck source=scripts/lib/node.sh
source "$ROOT/scripts/lib/node.sh"
# shellcheck source=scripts/lib/programs.sh
source "$ROOT/scripts/lib/programs.sh"
# shellcheck source=scripts/lib/databases.sh
source "$ROOT/scripts/lib/databases.sh"

readonly ALL_GROUPS=(base node npm docker linters act secrets databases)
QUIET=false
PRINT_ENV=false
GROUPS_WANTED=()
MISSING=()
LOCKED=false
WORK_DIR=

missing() {
  local line="MISSING $1: $2. $3"
  MISSING+=("$line")
  say "$line"
}

# Held until this process ends, so that two set-ups never build the same thing.
take_lock() {
  [[ $LOCKED == false ]] || return 0
  LOCKED=true
  mkdir -p "$TOOLS/log"
  command -v flock >/dev/null || return 0 # a fresh machine: its package comes first
  exec 9>"$TOOLS/.lock"
  if ! flock -n 9; then
    say '==> waiting for another set-up on this machine'
    flock 9
  fi
}

# A folder beside the tools, so that putting a finished one in place is one rename.
work_dir() {
  [[ -n $WORK_DIR ]] || WORK_DIR=$(mktemp -d "$TOOLS/.work.XXXXXX")
}

put_in_place() {
  rm -rf -- "$2"
  mv -T -- "$1" "$2"
}

clean_up() {
  [[ -z $WORK_DIR ]] || rm -rf -- "$WORK_DIR"
}

# Runs a command with its output in a log; shows the end of it when it fails.
run_logged() {
  local log=$TOOLS/log/$1.log
  "${@:2}" >"$log" 2>&1 9>&- && return
  tail -n 8 "$log" | sed 's/^/    /' >&2
  return 1
}

wants() {
  local group
  for group in "${GROUPS_WANTED[@]}"; do [[ $group != "$1" ]] || return 0; done
  return 1
}

# All packages in one go: apt-get takes seconds each time it is asked.
ensure_packages() {
  local commands=()
  if wants base; then commands+=(git jq curl ip flock systemd-analyze ca-certificates); fi
  if wants docker; then commands+=(docker busybox caddy); fi
  if wants linters; then commands+=(shellcheck shfmt bats); fi
  if wants secrets; then commands+=(age); fi
  ensure_commands "${commands[@]}"
  if wants base; then ensure_sshd; fi
}

install_wanted() {
  ensure_packages
  # Before use_tools puts npm's folder and these links on PATH.
  if wants linters; then ensure_shellcheck_link; fi
  if wants node; then ensure_node; fi
  use_tools
  if wants npm; then ensure_npm; fi
  if wants docker; then
    ensure_engine
    ensure_compose
  fi
  if wants linters; then
    ensure_zizmor
    ensure_go_tool actionlint "$ACTIONLINT_HOME" "github.com/rhysd/actionlint/cmd/actionlint@$ACTIONLINT_VERSION"
  fi
  if wants act; then ensure_go_tool act "$ACT_HOME" "github.com/nektos/act@$ACT_VERSION"; fi
  if wants databases; then
    ensure_postgres
    ensure_ferretdb
  fi
  if wants secrets; then ensure_go_tool sops "$SOPS_HOME" "github.com/getsops/sops/v3/cmd/sops@$SOPS_VERSION"; fi
}

# The list speaks of the last set-up; an empty one is no file at all.
record_missing() {
  if ((${#MISSING[@]})); then
    mkdir -p "$TOOLS"
    printf '%s\n' "${MISSING[@]}" >"$TOOLS/.missing.$$"
    mv "$TOOLS/.missing.$$" "$TOOLS/missing"
  else
    rm -f "$TOOLS/missing"
  fi
}

add_groups() {
  local group names
  IFS=', ' read -r -a names <<<"$1"
  for group in "${names[@]}"; do
    [[ " ${ALL_GROUPS[*]} " == *" $group "* ]] ||
      usage_error "unknown group '$group'; the groups are: ${ALL_GROUPS[*]}"
    GROUPS_WANTED+=("$group")
  done
}

parse_arguments() {
  while (($#)); do
    case $1 in
      --quiet) QUIET=true ;;
      --print-env) PRINT_ENV=true ;;
      --only)
        (($# > 1)) || usage_error '--only needs a group'
        while (($# > 1)) && [[ $2 != -* ]]; do
          add_groups "$2"
          shift
        done
        ;;
      --only=*) add_groups "${1#--only=}" ;;
      -h | --help)
        print_help "${BASH_SOURCE[0]}"
        exit 0
        ;;
      *) usage_error "unknown option '$1'" ;;
    esac
    shift
  done
  ((${#GROUPS_WANTED[@]})) || GROUPS_WANTED=("${ALL_GROUPS[@]}")
}

print_env() {
  local prefix
  prefix=$(tool_path_prefix)
  printf 'export LAUNCH_TOOLS_DIR=%q\n' "$TOOLS"
  # An empty entry of PATH would be the current folder.
  # shellcheck disable=SC2016 # the caller's shell expands it
  [[ -z $prefix ]] || printf 'export PATH=%q:"$PATH"\n' "$prefix"
}

main() {
  parse_arguments "$@"
  use_bare_path
  if [[ $PRINT_ENV == true ]]; then
    print_env
    return
  fi
  # Where dockerd and ip are; not everyone's PATH has it.
  PATH=$PATH:/usr/sbin:/sbin
  trap 'clean_up' EXIT
  install_wanted
  record_missing
  if ((${#MISSING[@]} == 0)); then
    note "ready: ${GROUPS_WANTED[*]} (tools in $TOOLS)"
  elif [[ ${CI:-} == true ]]; then
    exit 1
  fi
}

main "$@"
