#!/usr/bin/env bash
# Takes the files away again: for `launch remove`, and for `on-delete: stop` when
# this folder is deleted.
set -euo pipefail

readonly PLACE=$HOME/.local/share/$LAUNCH_SERVICE

main() {
  rm -rf -- "$PLACE"
}

main "$@"
