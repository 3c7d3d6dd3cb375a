# shellcheck shell=bash
# Where the development tools are, and the PATH that finds them. Sourced after
# log.sh; expects ROOT, the root of the checkout.

# shellcheck source=scripts/tool-versions.env
source "$ROOT/scripts/tool-versions.env"

tools_dir() {
  if [[ -n ${LAUNCH_TOOLS_DIR:-} ]]; then
    printf '%s\n' "$LAUNCH_TOOLS_DIR"
  else
    printf '%s/launch/tools\n' "${XDG_CACHE_HOME:-${HOME:?set HOME or LAUNCH_TOOLS_DIR}/.cache}"
  fi
}

TOOLS=$(tools_dir)
# A relative folder would mean another one in every sub-folder.
[[ $TOOLS == /* ]] || TOOLS=$PWD/$TOOLS
NODE_HOME=$TOOLS/node-$NODE_VERSION
ACT_HOME=$TOOLS/act-$ACT_VERSION
ACTIONLINT_HOME=$TOOLS/actionlint-$ACTIONLINT_VERSION
ZIZMOR_HOME=$TOOLS/zizmor-$ZIZMOR_VERSION
SOPS_HOME=$TOOLS/sops-$SOPS_VERSION
# Links to the system's own programs that npm's folder would hide.
SYSTEM_HOME=$TOOLS/system

# True when dotted version $1 is $2 or later.
version_at_least() {
  [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]
}

node_on_path_suffices() {
  local version
  version=$(node --version 2>/dev/null) || return 1
  version=${version#v}
  [[ ${version%%.*} =~ ^[0-9]+$ ]] && ((${version%%.*} >= NODE_MINIMUM))
}

# Sets PATH as it is without the tools and without npm's program folders, which
# `npm run` puts first: the shellcheck in there downloads shellcheck.
use_bare_path() {
  local folder folders kept=''
  IFS=: read -r -a folders <<<"$PATH"
  for folder in "${folders[@]}"; do
    case $folder in
      */node_modules/.bin | */node-gyp-bin | "$TOOLS"/*) ;;
      *) kept+=$folder: ;;
    esac
  done
  PATH=${kept%:}
  hash -r
}

# The tool folders that exist, first on PATH; the checkout's own programs too.
tool_path_prefix() {
  local prefix='' dir
  # A Node that is new enough is the user's choice: it stays.
  if ! node_on_path_suffices && [[ -x $NODE_HOME/bin/node ]]; then
    prefix=$NODE_HOME/bin:
  fi
  for dir in "$ACT_HOME/bin" "$ACTIONLINT_HOME/bin" "$ZIZMOR_HOME/bin" "$SOPS_HOME/bin" "$SYSTEM_HOME/bin" "$ROOT/node_modules/.bin"; do
    [[ -d $dir ]] && prefix+=$dir:
  done
  printf '%s\n' "${prefix%:}"
}

# Puts the tools first on this process's PATH, once however deep the calls.
use_tools() {
  local prefix
  use_bare_path
  prefix=$(tool_path_prefix)
  PATH=${prefix:+$prefix:}$PATH
  export PATH LAUNCH_TOOLS_DIR=$TOOLS
  hash -r
}
