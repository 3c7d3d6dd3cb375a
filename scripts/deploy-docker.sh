#!/usr/bin/env bash
# Start a service's containers by docker compose, and wait until they are healthy.
#
# Usage: scripts/deploy-docker.sh [--timeout SECONDS] [FOLDER]
#
#   FOLDER      the service's folder (default: the current one)
#   --timeout   how long its containers may take to become healthy (default: 120)
#   --help      this text
#
# For a service's own deploy.sh. Launch runs that in its envelope and sets
#   COMPOSE_PROJECT_NAME, COMPOSE_FILE   the project and the file to start
#   LAUNCH_SERVICE, LAUNCH_TARGET, LAUNCH_RELEASE   shown in messages
# Run by hand all of them may be missing: then the folder's compose file counts,
# and the project is the one that compose makes of it.
#
# What compose says goes to the log. When containers do not become healthy, their
# state and last lines follow, and the exit status is 1. Nothing is taken back:
# that is Launch's part.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib/log.sh
source "$ROOT/scripts/lib/log.sh"

readonly COMPOSE_NAMES=(compose.yaml compose.yml docker-compose.yml docker-compose.yaml)

require_compose() {
  command -v docker >/dev/null || die 'there is no docker. Install Docker Engine, for example: apt-get install docker.io'
  docker compose version >/dev/null 2>&1 ||
    die 'docker has no compose plugin. Install docker-compose-plugin, or put docker-compose v2 into /usr/local/lib/docker/cli-plugins.'
}

require_compose_file() {
  local name
  [[ -z ${COMPOSE_FILE:-} ]] || return 0
  for name in "${COMPOSE_NAMES[@]}"; do
    [[ ! -f $name ]] || return 0
  done
  die "there is no compose file in $PWD. It would be one of: ${COMPOSE_NAMES[*]}"
}

# Before anything stops: a file that compose refuses must leave what runs alone.
check_compose_file() {
  docker compose config --quiet || die "compose refuses ${COMPOSE_FILE:-the compose file of $PWD}; its reason is above."
}

show_trouble() {
  say '--- containers'
  docker compose ps --all >&2 || true
  say '--- their last lines'
  docker compose logs --no-color --tail 20 >&2 || true
}

start() {
  docker compose up --detach --wait --wait-timeout "$1" --remove-orphans && return
  show_trouble
  die "the containers of $2 did not start, or did not become healthy within $1 s; the reason is above."
}

main() {
  local timeout=120 folder=. service
  while (($#)); do
    case $1 in
      --timeout)
        (($# > 1)) || usage_error '--timeout needs a number of seconds'
        timeout=$2
        shift
        ;;
      --timeout=*) timeout=${1#*=} ;;
      -h | --help)
        print_help "${BASH_SOURCE[0]}"
        exit 0
        ;;
      -*) usage_error "unknown option '$1'" ;;
      *) folder=$1 ;;
    esac
    shift
  done
  [[ $timeout =~ ^[1-9][0-9]{0,5}$ ]] || usage_error "--timeout takes a number of seconds, not '$timeout'"
  cd -- "$folder" 2>/dev/null || die "there is no folder $folder"
  service=${LAUNCH_SERVICE:-$(basename -- "$PWD")}

  require_compose
  require_compose_file
  check_compose_file
  say "starting $service on ${LAUNCH_TARGET:-this host} (release ${LAUNCH_RELEASE:-by hand})"
  start "$timeout" "$service"
  say "$service is up"
}

main "$@"
