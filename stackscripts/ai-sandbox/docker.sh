# shellcheck shell=bash disable=SC2004,SC2034,SC2153,SC2154

docker_works() {
  timeout 60 docker version >/dev/null 2>&1 && timeout 60 docker compose version >/dev/null 2>&1
}

# Ubuntu's own packages: no other repository to trust, and security updates come by themselves.
phase_docker() {
  local remedy="See the last lines of $LOG_FILE and 'journalctl -u docker', then run the script again."
  now 'installing Docker'
  # One that is there and only stopped is not to be replaced by another package.
  docker_works || { command -v docker >/dev/null && logged 120 systemctl start docker; } || true
  if ! docker_works; then
    apt_get install docker.io docker-compose-v2 || fail DOCKER_FAILED 'Docker could not be installed.' "$remedy"
    logged 120 systemctl enable --now docker || fail DOCKER_FAILED 'Docker does not start.' "$remedy"
  fi
  docker_works || fail DOCKER_FAILED 'Docker or its compose plugin does not answer.' "$remedy"
}

toolkit_works() {
  timeout 60 docker info --format '{{json .Runtimes}}' 2>/dev/null | grep -q '"nvidia"'
}

toolkit_installed() {
  [[ $(dpkg-query --show --showformat '${db:Status-Status}' nvidia-container-toolkit 2>/dev/null) == installed ]]
}

# apt takes the key as it is in a file that ends in .asc.
add_toolkit_repository() {
  local key=/etc/apt/keyrings/nvidia-container-toolkit.asc downloaded
  downloaded=$(timeout 300 curl --fail --silent --show-error --location --retry 3 --retry-delay "$RETRY_PAUSE" "$TOOLKIT_URL/gpgkey") || return 1
  [[ $downloaded == '-----BEGIN PGP PUBLIC KEY BLOCK-----'* ]] || return 1
  mkdir -p /etc/apt/keyrings /etc/apt/sources.list.d
  printf '%s\n' "$downloaded" | write_file 644 "$key"
  printf 'deb [signed-by=%s] %s/stable/deb/%s /\n' "$key" "$TOOLKIT_URL" "$(dpkg --print-architecture)" |
    write_file 644 /etc/apt/sources.list.d/nvidia-container-toolkit.list
}

phase_toolkit() {
  local name packages=() remedy="See the last lines of $LOG_FILE, then run the script again."
  now 'giving containers the GPU: NVIDIA Container Toolkit'
  toolkit_works && return
  for name in nvidia-container-toolkit nvidia-container-toolkit-base libnvidia-container-tools libnvidia-container1; do
    packages+=("$name=$TOOLKIT_VERSION")
  done
  # A newer one, which somebody else has installed, does as well; apt would not go back to this one.
  if ! toolkit_installed && ! { add_toolkit_repository && apt_get update && apt_get install "${packages[@]}"; }; then
    fail TOOLKIT_FAILED "The NVIDIA Container Toolkit $TOOLKIT_VERSION could not be installed." "$remedy"
  fi
  if ! { logged 120 nvidia-ctk runtime configure --runtime=docker && logged 180 systemctl restart docker && toolkit_works; }; then
    fail TOOLKIT_FAILED 'Docker has no nvidia runtime, though the toolkit is installed.' "$remedy"
  fi
}
