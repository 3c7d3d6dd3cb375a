# shellcheck shell=bash
# The container engine and compose. Sourced by setup-dev.sh.

COMPOSE_HOME=$TOOLS/compose-$COMPOSE_VERSION

engine_answers() {
  timeout 10 docker version --format '{{.Server.Version}}' >/dev/null 2>&1
}

# Any plugin is v2 or later: v1 was a program of its own. The number can't be
# asked for, one that was built without its release's flags says `dev`.
compose_answers() {
  docker compose version >/dev/null 2>&1
}

wait_for_engine() {
  local deadline=$((SECONDS + 30)) pid=${1:-}
  while ((SECONDS < deadline)); do
    engine_answers && return
    # No use waiting for a daemon that has given up.
    [[ -z $pid ]] || kill -0 "$pid" 2>/dev/null || return 1
    sleep 0.2
  done
  return 1
}

daemon_runs() {
  local pid
  pid=$(cat /var/run/docker.pid 2>/dev/null) && kill -0 "$pid" 2>/dev/null &&
    [[ $(cat "/proc/$pid/comm" 2>/dev/null) == dockerd ]]
}

# The daemon outlives this script: it must keep neither the script's lock nor a
# caller's pipe open.
close_descriptors() {
  local descriptor
  for descriptor in "/proc/$BASHPID/fd/"*; do
    descriptor=${descriptor##*/}
    ((descriptor <= 2)) || exec {descriptor}>&-
  done
}

start_daemon() {
  local log=$TOOLS/log/dockerd.log
  if daemon_runs; then
    # Someone else has just started it: a second one would only fail.
    wait_for_engine
  elif [[ -d /run/systemd/system ]]; then
    run_logged dockerd systemctl start docker && wait_for_engine
  else
    (cd / && close_descriptors && exec setsid dockerd --default-address-pool base=10.213.0.0/16,size=26 >"$log" 2>&1 </dev/null) &
    wait_for_engine "$!"
  fi
}

ensure_engine() {
  engine_answers && return
  command -v docker >/dev/null || return 0 # reported with its package
  if [[ -n ${DOCKER_HOST:-} ]]; then
    missing engine "no Docker Engine answers at DOCKER_HOST=$DOCKER_HOST" 'Start it, or unset DOCKER_HOST.'
    return
  fi
  if ! is_root; then
    missing engine 'no Docker Engine answers, and starting one takes root' \
      'As root: systemctl start docker; your user must be in the group docker.'
    return
  fi
  command -v dockerd >/dev/null || return 0 # reported with its package
  take_lock
  engine_answers && return
  say '==> starting the Docker Engine'
  start_daemon && return
  tail -n 5 "$TOOLS/log/dockerd.log" 2>/dev/null | sed 's/^/    /' >&2
  missing engine 'the Docker Engine did not start within 30 s, its last lines are above' \
    "Mend what $TOOLS/log/dockerd.log names, then start dockerd."
}

# Root's plugin is for every user: test runs change HOME, which would hide it.
plugin_dir() {
  if is_root; then
    echo /usr/local/lib/docker/cli-plugins
  else
    echo "${DOCKER_CONFIG:-$HOME/.docker}/cli-plugins"
  fi
}

ensure_compose() {
  command -v docker >/dev/null || return 0
  compose_answers && return
  take_lock
  compose_answers && return
  # The package's program is named after its folder.
  if [[ ! -x $COMPOSE_HOME/bin/cmd ]]; then
    go_install compose "$COMPOSE_HOME" "github.com/docker/compose/v5/cmd@$COMPOSE_VERSION" \
      -ldflags "-X github.com/docker/compose/v5/internal.Version=$COMPOSE_VERSION" || return 0
  fi
  local dir
  dir=$(plugin_dir)
  # By way of a rename: a docker that runs at this moment sees the whole file or none.
  if mkdir -p "$dir" && cp "$COMPOSE_HOME/bin/cmd" "$dir/.docker-compose.$$" &&
    mv "$dir/.docker-compose.$$" "$dir/docker-compose" && compose_answers; then
    return
  fi
  missing compose "docker does not find the compose plugin in $dir" \
    "Copy $COMPOSE_HOME/bin/cmd to $dir/docker-compose."
}
