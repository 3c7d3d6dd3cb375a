#!/usr/bin/env bash
# Install what `npm run soak:open-webui` runs: Open WebUI from PyPI, Debian's
# Chromium, and playwright-core, which drives it.
#
# Usage: scripts/setup-open-webui.sh VERSION
#
#   VERSION   of Open WebUI, for example 0.12.4
#
# Open WebUI is installed without torch, which its pages, its chats and its API
# do without: 1.7 GB instead of 7. All goes to the folder of the tools, see
# scripts/setup-dev.sh; running it again costs nothing. It needs root, for
# Chromium's package, unless that is there already.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib/log.sh
source "$ROOT/scripts/lib/log.sh"
# shellcheck source=scripts/lib/tools.sh
source "$ROOT/scripts/lib/tools.sh"
# shellcheck source=scripts/lib/packages.sh
source "$ROOT/scripts/lib/packages.sh"
# shellcheck source=scripts/lib/node.sh
source "$ROOT/scripts/lib/node.sh"

WORK_DIR=

clean_up() {
  [[ -z $WORK_DIR ]] || rm -rf -- "$WORK_DIR"
}

# A virtual environment can't be moved: what says that it is whole comes last.
install_open_webui() {
  local home=$TOOLS/open-webui-$1 python=/usr/bin/python3
  [[ ! -e $home/.complete ]] || return 0
  say "==> Open WebUI $1 (a minute, 1.7 GB)"
  rm -rf -- "$home"
  "$python" -m venv "$WORK_DIR/uv"
  "$WORK_DIR/uv/bin/python" -m pip install --quiet --no-deps --only-binary :all: "uv==$UV_VERSION"
  # Never needed here, and never installed: no Python is as old as that.
  printf 'torch; python_version < "3"\n' >"$WORK_DIR/overrides.txt"
  "$WORK_DIR/uv/bin/uv" venv --quiet --python "$python" "$home"
  nice "$WORK_DIR/uv/bin/uv" pip install --quiet --no-cache --python "$home/bin/python" --only-binary :all: \
    --override "$WORK_DIR/overrides.txt" "open-webui==$1"
  touch "$home/.complete"
}

install_playwright() {
  local home=$TOOLS/playwright-core-$PLAYWRIGHT_VERSION package=playwright-core-$PLAYWRIGHT_VERSION.tgz
  [[ ! -e $home/package.json ]] || return 0
  say "==> playwright-core $PLAYWRIGHT_VERSION"
  npm pack --silent --pack-destination "$WORK_DIR" "playwright-core@$PLAYWRIGHT_VERSION"
  has_integrity "$WORK_DIR/$package" "$PLAYWRIGHT_INTEGRITY" || die 'what npm fetched is not the pinned playwright-core'
  mkdir "$WORK_DIR/playwright"
  tar -xzf "$WORK_DIR/$package" -C "$WORK_DIR/playwright" --strip-components=1 --no-same-owner
  rm -rf -- "$home"
  mv -T -- "$WORK_DIR/playwright" "$home"
}

install_chromium() {
  command -v chromium >/dev/null && return
  is_root || die 'there is no chromium. As root: apt-get update && apt-get install -y chromium'
  say '==> chromium'
  apt_install_or_update chromium >&2
}

main() {
  case ${1:-} in
    -h | --help)
      print_help "${BASH_SOURCE[0]}"
      exit 0
      ;;
  esac
  [[ $# == 1 && $1 =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || usage_error 'which version of Open WebUI?'
  trap 'clean_up' EXIT
  mkdir -p "$TOOLS"
  WORK_DIR=$(mktemp -d "$TOOLS/.work.XXXXXX")
  install_chromium
  install_playwright
  install_open_webui "$1"
}

main "$@"
