# shellcheck shell=bash
# Debian packages: what is lacking is installed in one go. Sourced by setup-dev.sh.

is_root() {
  [[ ${EUID:-$(id -u)} -eq 0 ]]
}

# The command a tool's package must bring. busybox has to be the static one: it
# is the only file in the stand-in images, which have no libraries.
have_command() {
  case $1 in
    busybox) command -v busybox >/dev/null && ! ldd "$(command -v busybox)" >/dev/null 2>&1 ;;
    # Only root starts an engine, and one elsewhere (DOCKER_HOST, a desktop's socket) needs none here.
    docker) command -v docker >/dev/null && { ! is_root || command -v dockerd >/dev/null || engine_answers; } ;;
    ca-certificates) [[ -s /etc/ssl/certs/ca-certificates.crt ]] ;;
    python3-venv) python3 -c 'import ensurepip, venv' >/dev/null 2>&1 ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

package_of() {
  case $1 in
    busybox) echo busybox-static ;;
    docker) echo docker.io ;;
    ip) echo iproute2 ;;
    sshd) echo openssh-server ;;
    flock) echo util-linux ;;
    systemd-analyze) echo systemd ;;
    *) echo "$1" ;;
  esac
}

# Without starting their services: Caddy's would take port 80 of a machine that
# has just asked for test tools. The engine is started by ensure_engine.
apt_install() {
  local policy=/usr/sbin/policy-rc.d status=0
  if [[ -e $policy ]]; then
    apt_get_install "$@"
    return
  fi
  printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
  apt_get_install "$@" || status=$?
  rm -f "$policy"
  return "$status"
}

apt_get_install() {
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
    -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

# Old lists name files that are gone, no lists name none: update only then.
apt_install_or_update() {
  apt_install "$@" && return
  DEBIAN_FRONTEND=noninteractive apt-get update -q -o DPkg::Lock::Timeout=300 </dev/null || return
  apt_install "$@"
}

# Installs the packages of those commands that are lacking; reports each that still is.
ensure_commands() {
  local command packages=() lacking=()
  for command in "$@"; do
    have_command "$command" || lacking+=("$command")
  done
  ((${#lacking[@]})) || return 0
  for command in "${lacking[@]}"; do packages+=("$(package_of "$command")"); done

  local remedy="As root: apt-get update && apt-get install -y ${packages[*]}"
  local why
  if ! command -v apt-get >/dev/null; then
    why='it is not installed, and there is no apt-get to install it with'
    remedy="Install with this system's package manager: ${packages[*]}"
  elif ! is_root; then
    why='it is not installed, and installing it takes root'
  else
    take_lock
    say "==> Debian packages: ${packages[*]}"
    # One package that can't be had must not keep the others away.
    run_logged packages apt_install_or_update "${packages[@]}" ||
      for command in "${packages[@]}"; do run_logged packages apt_install "$command" || true; done
    hash -r
    why="its package could not be installed, see $TOOLS/log/packages.log"
  fi
  for command in "${lacking[@]}"; do
    have_command "$command" || missing "$command" "$why" "$remedy"
  done
}

# The tests start one of their own. The package would have this machine listen to
# the world from its next start on, which nobody has asked for.
ensure_sshd() {
  have_command sshd && return
  ensure_commands sshd
  ! have_command sshd || ! command -v systemctl >/dev/null ||
    run_logged sshd systemctl disable ssh.service ssh.socket || true
}
