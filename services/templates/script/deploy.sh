#!/usr/bin/env bash
# Puts files/ in its place on this host. Launch runs it from the folder of the new
# release; after a failed health check, and for a rollback, it runs that of the
# old release. So it has to be right whatever was there before.
set -euo pipefail

readonly PLACE=$HOME/.local/share/$LAUNCH_SERVICE

main() {
  local folder
  folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
  mkdir -p "$PLACE"
  rm -rf "$PLACE/next"
  cp -RT "$folder/files" "$PLACE/$LAUNCH_RELEASE"
  # Whoever reads meanwhile finds the old files or the new ones, never a part of them.
  ln -s "$LAUNCH_RELEASE" "$PLACE/next"
  mv -T "$PLACE/next" "$PLACE/current"
  find "$PLACE" -mindepth 1 -maxdepth 1 -type d ! -name "$LAUNCH_RELEASE" -exec rm -rf {} +
  printf 'files are at %s\n' "$PLACE/current"
}

main "$@"
