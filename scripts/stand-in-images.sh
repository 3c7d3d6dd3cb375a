#!/usr/bin/env bash
# Build the images the tests and the demo run, without a registry.
#
# Usage: scripts/stand-in-images.sh [--force]
#
#   launch-test/nginx:1, launch-test/nginx:2   stand in for nginx:alpine: serve
#                        /usr/share/nginx/html on port 80
#   launch-test/app:1    a service whose boot, health and end are set by its
#                        environment, see scripts/stand-ins/app.sh
#
# Each is one static busybox with all its programs (sh, wget, nc, ...) and carries
# the label launch.test=1. Prints the tags on stdout. What is up to date is left
# alone; --force builds it again. Remove them all with:
#   docker image prune --all --force --filter label=launch.test=1
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib/log.sh
source "$ROOT/scripts/lib/log.sh"

readonly TAGS=(launch-test/nginx:1 launch-test/nginx:2 launch-test/app:1)
readonly STAND_INS=$ROOT/scripts/stand-ins
WORK_DIR=

clean_up() {
  [[ -z $WORK_DIR ]] || rm -rf -- "$WORK_DIR"
}

# What the images are made of: a change of it makes them out of date.
recipe() {
  cat "${BASH_SOURCE[0]}" "$STAND_INS"/*.sh "$(command -v busybox)" | sha256sum | cut -c 1-16
}

up_to_date() {
  local recipes
  recipes=$(docker image inspect --format '{{index .Config.Labels "launch.test.recipe"}}' "${TAGS[@]}" 2>/dev/null) &&
    [[ $(sort -u <<<"$recipes") == "$1" ]]
}

# What every image holds.
make_base() {
  local base=$1 applet
  mkdir -p "$base"/{bin,etc,root,run,usr/sbin,usr/local/bin,var/log} "$base/usr/share/nginx/html"
  install -d -m 1777 "$base/tmp"
  cp -L "$(command -v busybox)" "$base/bin/busybox"
  while read -r applet; do
    [[ $applet == busybox ]] || ln -s busybox "$base/bin/$applet"
  done < <(busybox --list)
  printf 'root:x:0:0:root:/root:/bin/sh\nnginx:x:101:101:nginx:/tmp:/bin/false\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$base/etc/passwd"
  printf 'root:x:0:\nnginx:x:101:\nnogroup:x:65534:\n' >"$base/etc/group"
  install -m 755 "$STAND_INS/docker-entrypoint.sh" "$base/docker-entrypoint.sh"
  install -m 755 "$STAND_INS/nginx.sh" "$base/usr/sbin/nginx"
  install -m 755 "$STAND_INS/app.sh" "$base/usr/local/bin/app"
  install -m 755 "$STAND_INS/answer.sh" "$base/usr/local/bin/answer"
}

# $1 the files, $2 the tag, $3 the recipe, then more changes. An import needs
# neither a base image nor a builder plugin.
import() {
  local changes=() change
  for change in "LABEL launch.test=1 launch.test.recipe=$3" \
    'ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' 'ENTRYPOINT ["/docker-entrypoint.sh"]' "${@:4}"; do
    changes+=(--change "$change")
  done
  tar -C "$1" --owner=0 --group=0 --numeric-owner --mtime=@0 --sort=name -c . |
    docker import "${changes[@]}" - "$2" >/dev/null
}

build() {
  local base=$1 recipe=$2 number
  for number in 1 2; do
    printf '<!doctype html>\n<title>Welcome to nginx!</title>\n<h1>Stand-in for nginx, release %s</h1>\n' "$number" \
      >"$base/usr/share/nginx/html/index.html"
    import "$base" "launch-test/nginx:$number" "$recipe" 'CMD ["nginx","-g","daemon off;"]' 'EXPOSE 80'
  done
  import "$base" launch-test/app:1 "$recipe" 'CMD ["app"]' 'EXPOSE 3000' 'ENV PORT=3000'
}

main() {
  local force=false recipe
  case ${1:-} in
    '') ;;
    --force) force=true ;;
    -h | --help)
      print_help "${BASH_SOURCE[0]}"
      exit 0
      ;;
    *) usage_error "unknown option '$1'" ;;
  esac
  command -v busybox >/dev/null || die 'there is no busybox. Run scripts/setup-dev.sh --only docker.'
  trap 'clean_up' EXIT
  recipe=$(recipe)
  if [[ $force == true ]] || ! up_to_date "$recipe"; then
    docker version >/dev/null 2>&1 || die 'no Docker Engine answers. Run scripts/setup-dev.sh --only docker.'
    WORK_DIR=$(mktemp -d)
    make_base "$WORK_DIR/base"
    build "$WORK_DIR/base" "$recipe"
  fi
  printf '%s\n' "${TAGS[@]}"
}

main "$@"
